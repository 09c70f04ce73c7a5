using ClawOS.Mounting;

namespace Cli.Tests;

/// <summary>Runs the program as a user does and reads what it prints.</summary>
internal static class Typed
{
    internal static Task<(int Code, string Output, string Error)> RunAsync(string[] arguments) => Task.Run(() =>
    {
        ProgramResult result = Programs.Run(
            new ProgramOptions { Environment = new Dictionary<string, string?> { ["CLAW_STATE"] = "/nonexistent/claw", ["NO_COLOR"] = "1" } },
            "dotnet",
            [typeof(ClawOS.Cli.CommandLine).Assembly.Location, .. arguments]);
        return (result.ExitCode, result.Out, result.Err);
    });
}

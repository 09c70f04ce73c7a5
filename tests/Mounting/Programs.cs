using System.Diagnostics;
using System.Text;

namespace ClawOS.Mounting;

/// <summary>How a program ended. Output is decoded as UTF-8.</summary>
public sealed record ProgramResult(string Command, int ExitCode, string Out, string Err)
{
    /// <summary>Throws with everything the program said unless it exited with 0.</summary>
    public ProgramResult Must() => ExitCode == 0 ? this : throw new InvalidOperationException(ToString());

    public override string ToString() => $"{Command}\nexit {ExitCode}\n{Tail(Out)}\n{Tail(Err)}";

    private static string Tail(string text) => text.Length <= 4000 ? text : "..." + text[^4000..];
}

/// <summary>Settings of one run; null leaves what this process has.</summary>
public sealed record ProgramOptions
{
    public string? Folder { get; init; }
    public string? Input { get; init; }
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();
}

/// <summary>Runs real programs with a time limit; a program that outlives it is killed with its children and fails the test.</summary>
public static class Programs
{
    /// <summary>Runs to the end. The exit code is the caller's to judge.</summary>
    public static ProgramResult Run(ProgramOptions options, string file, params string[] arguments)
    {
        using RunningProgram running = Start(options, file, arguments);
        return running.Wait(options.Timeout);
    }

    /// <summary>A shell line that must succeed.</summary>
    public static string Shell(string folder, string line, int timeoutSeconds = 60) =>
        Run(new ProgramOptions { Folder = folder, Timeout = TimeSpan.FromSeconds(timeoutSeconds) }, "bash", "-ceu", "-o", "pipefail", line).Must().Out;

    /// <summary>A shell line whose exit code is the caller's to judge.</summary>
    public static ProgramResult TryShell(string folder, string line, int timeoutSeconds = 60) =>
        Run(new ProgramOptions { Folder = folder, Timeout = TimeSpan.FromSeconds(timeoutSeconds) }, "bash", "-cu", "-o", "pipefail", line);

    /// <summary>Starts without waiting; dispose kills what is left.</summary>
    public static RunningProgram Start(ProgramOptions options, string file, params string[] arguments)
    {
        ProcessStartInfo start = new(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = new UTF8Encoding(false),
            WorkingDirectory = options.Folder ?? Path.GetTempPath(),
        };
        foreach ((string name, string? value) in options.Environment)
            start.Environment[name] = value;
        return new RunningProgram(Process.Start(start)!, options.Input, string.Join(' ', [file, .. arguments]));
    }
}

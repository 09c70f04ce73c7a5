using ClawOS.Cli.Mounts;

namespace ClawOS.Cli.Sandboxes;

/// <summary>Where the native launcher is.</summary>
internal static class LauncherProgram
{
    private const string Variable = "CLAW_EXEC", FileName = "claw-exec";

    /// <summary>Where it should be: what the script `claw` has made and names in CLAW_EXEC, or the one beside this program.</summary>
    internal static string Expected => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? Path.GetFullPath(given) : Path.Combine(AppContext.BaseDirectory, FileName);

    /// <summary>Its path.</summary>
    /// <exception cref="CliException">There is none.</exception>
    internal static string Find() => TryFind() is not { } path ? throw NotThere()
        : Path.GetFileName(RealPath.Of(path)) == FileName ? path
        : throw new CliException(ExitCodes.NotStarted, $"{path}: the native launcher must be named {FileName}: it knows by that what it is");

    private static CliException NotThere() =>
        new(ExitCodes.NotStarted, $"{Expected}: the native launcher is not there; Security/Exec/publish.sh makes it in artifacts/exec, and {Variable} names its path");

    /// <summary>Its path; null where there is none.</summary>
    internal static string? TryFind() => File.Exists(Expected) ? Expected : null;

    /// <summary>Lets a process of ours find the same one.</summary>
    internal static void PassOn(IDictionary<string, string> environment)
    {
        if (TryFind() is { } path)
        {
            environment[Variable] = path;
        }
    }
}

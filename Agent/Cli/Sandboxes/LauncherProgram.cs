namespace ClawOS.Cli.Sandboxes;

/// <summary>Where the native launcher is.</summary>
internal static class LauncherProgram
{
    private const string Variable = "CLAW_EXEC";

    /// <summary>Where it should be.</summary>
    internal static string Path => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given : System.IO.Path.Combine(AppContext.BaseDirectory, "claw-exec");

    /// <summary>Its path: what the script `claw` has made and names in CLAW_EXEC, or the one beside this program.</summary>
    /// <exception cref="CliException">There is none.</exception>
    internal static string Find()
    {
        string path = Path;
        return File.Exists(path)
            ? path
            : throw new CliException(ExitCodes.NotStarted, $"run: {path}: the native launcher is not there; Security/Exec/publish.sh makes it in artifacts/exec, and {Variable} names its path");
    }
}

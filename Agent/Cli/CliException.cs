namespace ClawOS.Cli;

/// <summary>An error for the user: one line "thing: reason; way out", and the exit code.</summary>
internal sealed class CliException(int exitCode, string message) : Exception(message)
{
    internal int ExitCode => exitCode;
}

namespace ClawOS.Cli;

/// <summary>How this program starts itself under another verb.</summary>
internal static class SelfProgram
{
    internal const string Supervise = "supervise";
    internal const string ServeFs = "serve-fs";
    internal const string ServeNotify = "serve-notify";
    internal const string ServeGuard = "serve-guard";
    internal const string ServeEmbed = "serve-embed";

    /// <summary>Program and leading arguments: the apphost itself, or dotnet and claw.dll when started that way.</summary>
    internal static IReadOnlyList<string> Command(string verb)
    {
        string program = Environment.ProcessPath ?? throw new CliException(ExitCodes.Failed, "claw: cannot find its own program in /proc; is /proc mounted?");
        return Path.GetFileName(program) == "dotnet"
            ? [program, typeof(SelfProgram).Assembly.Location, verb]
            : [program, verb];
    }

    /// <summary>The embed worker is a program of its own, so that what it needs (ONNX Runtime, network clients) is in no folder that another process loads from.</summary>
    internal static IReadOnlyList<string> EmbedCommand()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "embed");
        string program = Environment.ProcessPath ?? "dotnet";
        return Path.GetFileName(program) == "dotnet"
            ? [program, Path.Combine(folder, "claw-embed.dll"), ServeEmbed]
            : [Path.Combine(folder, "claw-embed"), ServeEmbed];
    }
}

using System.Diagnostics;

namespace ClawFS.Linux.Tests;

/// <summary>What stat(1) says of a file, as a second opinion.</summary>
internal static class Stat
{
    public static string OwnerOf(string path) => Run("stat", "-c", "%u:%g", path);

    public static string ModeOf(string path) => Run("stat", "-c", "%a", path);

    public static void HardLink(string existing, string name) => Run("ln", existing, name);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}

using System.Diagnostics;

namespace Sandbox.Tests;

/// <summary>The real launcher, made once if its sources are newer; where it cannot be made, or would prove nothing, tests are skipped and say why.</summary>
internal static class ClawExec
{
    private static readonly Lazy<(string? Path, string Reason)> Found = new(Find);

    /// <summary>Path of claw-exec, where every user can reach it.</summary>
    internal static string Path
    {
        get
        {
            (string? path, string reason) = Found.Value;
            if (path is null)
                Assert.Skip(reason);
            return path!;
        }
    }

    private static (string? Path, string Reason) Find()
    {
        string? given = Environment.GetEnvironmentVariable("CLAW_EXEC");
        if (string.IsNullOrEmpty(given) && Make() is { } reason)
            return (null, reason);
        string program = string.IsNullOrEmpty(given) ? System.IO.Path.Combine(Root(), "artifacts/exec/claw-exec") : given;
        // The tests of an ordinary user must reach it; the repository may lie in a home folder.
        string folder = Directory.CreateTempSubdirectory("claw-exec-").FullName;
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        string copy = System.IO.Path.Combine(folder, "claw-exec");
        File.Copy(program, copy);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return (copy, "");
    }

    private static string? Make()
    {
        using Process made = Process.Start(new ProcessStartInfo(System.IO.Path.Combine(Root(), "Security/Exec/publish.sh")) { RedirectStandardError = true })!;
        string said = made.StandardError.ReadToEnd();
        made.WaitForExit();
        return made.ExitCode == 0 ? null : said.Trim();
    }

    internal static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "ClawOS.sln")))
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("ClawOS.sln is not above the tests");
    }
}

using System.Diagnostics;

namespace ClawFS.Store.Tests;

/// <summary>A tmpfs of a few MiB that can be filled up and made larger. Needs root; the test is skipped without.</summary>
internal sealed class TinyDisk : IDisposable
{
    public TinyDisk(int mebibytes)
    {
        if (Environment.UserName != "root")
            Assert.Skip("mounting a tmpfs needs root");
        Path = Directory.CreateTempSubdirectory("claw-tiny-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m,mode=0700", "claw-tiny", Path) != 0)
        {
            Directory.Delete(Path);
            Assert.Skip("no tmpfs can be mounted here");
        }
    }

    public string Path { get; }

    public void Resize(int mebibytes) => Assert.Equal(0, Run("mount", "-o", $"remount,size={mebibytes}m", Path));

    /// <summary>Takes all space that is left but about <paramref name="leave"/> bytes.</summary>
    public void Fill(int leave)
    {
        using FileStream file = File.Create(System.IO.Path.Combine(Path, "ballast"), 1);
        byte[] page = new byte[4096];
        long free = new DriveInfo(Path).AvailableFreeSpace - leave;
        for (long written = 0; written < free; written += page.Length)
            file.Write(page);
    }

    public void Empty() => File.Delete(System.IO.Path.Combine(Path, "ballast"));

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static int Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}

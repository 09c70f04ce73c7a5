namespace ClawOS.Mounting;

/// <summary>A new folder below /var/tmp (a disk, where /tmp may be memory), removed at the end. It carries the pid of its test process.</summary>
public sealed class TestFolder : IDisposable
{
    internal const string Prefix = "claw-tests.";
    internal const string Base = "/var/tmp";
    private static int s_count;

    public TestFolder(string? under = null)
    {
        Path = System.IO.Path.Combine(under ?? Base, $"{Prefix}{Environment.ProcessId}.{Interlocked.Increment(ref s_count)}");
        Directory.CreateDirectory(Path);
        if (Environment.IsPrivilegedProcess)
            File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        // rm copes with names, modes and depths that Directory.Delete does not; it never crosses into a mount that is still up.
        Programs.Run(new ProgramOptions(), "rm", "-rf", "--one-file-system", "--", Path);
    }
}

using ClawOS.Mounting.Posix;
using Xunit;

namespace ClawOS.Mounting;

/// <summary>What a test needs from the machine; where it is missing the test is skipped and says what would bring it.</summary>
public static class Need
{
    /// <summary>The longer versions of the tests (CLAW_LONG=1).</summary>
    public static bool Long => Environment.GetEnvironmentVariable("CLAW_LONG") == "1";

    public static void Root()
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root");
    }

    /// <summary>Skips unless every program is on the PATH.</summary>
    public static void Program(params string[] names)
    {
        foreach (string name in names)
        {
            if (!OnPath(name))
                Assert.Skip($"needs {name}: apt-get install {Package(name)}");
        }
    }

    /// <summary>The native launcher, through which services get their limits.</summary>
    public static void Launcher()
    {
        if (!File.Exists(Environment.GetEnvironmentVariable("CLAW_EXEC")))
            Assert.Skip("needs CLAW_EXEC to name claw-exec: Security/Exec/publish.sh makes it");
    }

    public static void Fuse()
    {
        if (!File.Exists("/dev/fuse"))
            Assert.Skip("needs /dev/fuse");
    }

    /// <summary>Whether a folder is on ext4 (or its elders, same number).</summary>
    internal static bool IsExt4(string folder) => Sys.FileSystemMagic(PathBytes.FromText(folder)) == 0xEF53;

    private static bool OnPath(string name) => $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin"
        .Split(':', StringSplitOptions.RemoveEmptyEntries).Any(d => File.Exists(Path.Combine(d, name)));

    private static string Package(string name) => name switch
    {
        "inotifywait" => "inotify-tools",
        "getfattr" or "setfattr" => "attr",
        "fusermount3" => "fuse3",
        "mkfs.ext4" => "e2fsprogs",
        "losetup" or "setpriv" or "flock" => "util-linux",
        _ => name,
    };
}

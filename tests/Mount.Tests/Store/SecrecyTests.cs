using System.Text;
using ClawOS.Mounting;
using ClawOS.Mounting.Posix;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Store;

public sealed class SecrecyTests : ProductTests
{
    private const string Marker = "Kaleidoscope-Wombat";

    [Fact]
    public void Nothing_that_was_written_can_be_read_in_any_file_of_the_store()
    {
        Need.Program("setfattr");
        using ClawMount claw = new ClawMount().Up();
        string folder = Path.Combine(claw.Memory, $"{Marker}-folder");
        Directory.CreateDirectory(folder);
        Shell(folder, $"""
            echo '{Marker}-small' > {Marker}-name
            for i in $(seq 2000); do echo '{Marker}-middle'; done > middle
            for i in $(seq 200000); do echo '{Marker}-large'; done > large
            ln -s '{Marker}-target' link; setfattr -n 'user.{Marker}-key' -v '{Marker}-value' middle
            echo gone-{Marker} > removed; sync removed; rm removed
            mv middle {Marker}-moved; echo more-{Marker} >> large; sync
            """);
        AssertHidden(claw, "while mounted");
        claw.Down();
        AssertHidden(claw, "after down");
        Assert.NotEqual(0, TryShell("/", $"grep -raq -- '{Marker}' '{claw.Store}'").ExitCode);
        claw.Up();
        Assert.StartsWith($"{Marker}-small", File.ReadAllText(Path.Combine(folder, $"{Marker}-name")));
    }

    // Bytes are searched as they are and as UTF-16, so that no debug dump of a string slips through.
    private static void AssertHidden(ClawMount claw, string when)
    {
        foreach (string word in (string[])[Marker, "memory", "user.claw", "README"])
        {
            byte[][] forms = [Encoding.UTF8.GetBytes(word), Encoding.Unicode.GetBytes(word)];
            foreach (string file in Directory.EnumerateFiles(claw.Store, "*", SearchOption.AllDirectories))
            {
                byte[] data = ReadLocked(file);
                foreach (byte[] form in forms)
                    Assert.True(data.AsSpan().IndexOf(form) < 0, $"\"{word}\" stands in {file} {when}");
                Assert.DoesNotContain(word, Path.GetFileName(file));
            }
        }
    }

    // FileStream takes a lock of its own, which the store's lock file refuses.
    private static byte[] ReadLocked(string file)
    {
        int fd = (int)Sys.Open(PathBytes.FromText(file), Sys.RdOnly).Must($"open {file}");
        Stat.Of(fd, out Stat stat).Must("fstat");
        byte[] data = new byte[stat.Size];
        long count = Sys.PRead(fd, data, 0).Must("pread");
        Sys.Close(fd);
        return data[..(int)count];
    }
}

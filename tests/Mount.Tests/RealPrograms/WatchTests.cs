using ClawOS.Mounting;
using ClawOS.Mounting.Posix;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.RealPrograms;

/// <summary>Programs that wait for changes.</summary>
[Collection(SharedMountCollection.Name)]
public sealed class WatchTests(SharedMount mount)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void Tail_follows_a_growing_file()
    {
        using TestFolder folder = mount.NewFolder();
        File.WriteAllText(folder["log"], "start\n");
        using RunningProgram tail = Start(new ProgramOptions(), "tail", "-f", folder["log"]);
        Assert.True(tail.WaitFor("start", s_limit));
        for (int i = 0; i < 5; i++)
        {
            File.AppendAllText(folder["log"], $"line {i}\n");
            Assert.True(tail.WaitFor($"line {i}", s_limit), tail.Printed);
        }
    }

    [Fact]
    public void Inotifywait_sees_what_happens_to_stored_files()
    {
        Need.Program("inotifywait");
        using TestFolder folder = mount.NewFolder();
        using RunningProgram watch = Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e %f", folder.Path);
        Assert.True(watch.WaitFor("Watches established", s_limit), watch.Printed);
        Shell(folder.Path, "echo x > f; mv f g; chmod 600 g; rm g; mkdir d");
        foreach (string line in (string[])["CREATE f", "CLOSE_WRITE,CLOSE f", "MOVED_FROM f", "MOVED_TO g", "ATTRIB g", "DELETE g", "CREATE,ISDIR d"])
            Assert.True(watch.WaitFor(line, s_limit), $"no {line} in\n{watch.Printed}");
    }

    [Fact]
    public void Inotifywait_sees_the_generated_event_file_grow()
    {
        Need.Program("inotifywait");
        string events = Path.Combine(mount.Claw.Mount, "events");
        using TestFolder folder = mount.NewFolder();
        using RunningProgram watch = Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e", "-e", "modify", events);
        Assert.True(watch.WaitFor("Watches established", s_limit), watch.Printed);
        File.WriteAllText(folder["seen-by-inotify"], "x");
        Assert.True(watch.WaitFor("MODIFY", s_limit), watch.Printed);
    }

    [Fact]
    public void Tail_follows_the_generated_event_file()
    {
        string events = Path.Combine(mount.Claw.Mount, "events");
        using TestFolder folder = mount.NewFolder();
        using RunningProgram tail = Start(new ProgramOptions(), "tail", "-n", "+1", "-f", events);
        string name = $"told-{Guid.NewGuid():N}";
        File.WriteAllText(folder[name], "x");
        Assert.True(tail.WaitFor(name, s_limit), tail.Printed);
    }

    [Fact]
    public void A_lock_of_one_process_is_seen_by_another()
    {
        Need.Program("flock");
        using TestFolder folder = mount.NewFolder();
        int fd = (int)Sys.Open(PathBytes.FromText(folder["lock"]), Sys.RdWr | Sys.Creat, 0b110_100_100).Must("open");
        const int Exclusive = 2, Unlock = 8;
        Sys.FLock(fd, Exclusive).Must("flock");
        Assert.Equal(1, TryShell(folder.Path, "flock -n lock true").ExitCode);
        using RunningProgram waiting = Start(new ProgramOptions { Folder = folder.Path }, "flock", "lock", "echo", "got it");
        Sys.FLock(fd, Unlock).Must("unlock");
        // The lock is held until flock has ended, which is after what it runs.
        Assert.Equal("got it\n", waiting.Wait(s_limit).Must().Out);
        Sys.Close(fd);
        Assert.Equal(0, TryShell(folder.Path, "flock -n lock true").ExitCode);
    }

    [Fact]
    public void A_mapping_of_one_process_and_the_writes_of_another_are_one_content()
    {
        using TestFolder folder = mount.NewFolder();
        Shell(folder.Path, "head -c 8192 /dev/zero > shared");
        int fd = (int)Sys.Open(PathBytes.FromText(folder["shared"]), Sys.RdWr).Must("open");
        using Mapping map = new(fd, 0, 8192, shared: true);
        map[4100] = (byte)'m';
        Assert.Equal("m", Shell(folder.Path, "dd if=shared bs=1 skip=4100 count=1 status=none").Trim());
        Shell(folder.Path, "printf w | dd of=shared bs=1 seek=10 conv=notrunc status=none");
        Assert.Equal((byte)'w', map[10]);
        Sys.Close(fd);
    }
}

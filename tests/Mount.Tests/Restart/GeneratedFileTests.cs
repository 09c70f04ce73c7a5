using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>Programs that hold generated files and channels when fs is killed.</summary>
public sealed class GeneratedFileTests : ProductTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tail_of_events_prints_what_happens_after_a_kill(bool keyFileIsAway)
    {
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        string events = Path.Combine(claw.Mount, "events");
        File.WriteAllText(Path.Combine(claw.Memory, "first"), "");
        using RunningProgram early = Programs.Start(new ProgramOptions(), "tail", "-n", "+1", "-f", events);
        Assert.True(early.WaitFor("memory/first", s_limit), early.Printed);
        File.WriteAllText(Path.Combine(claw.Memory, "second"), "");
        // A look from outside gives the file another node id; the one above keeps its own.
        using RunningProgram late = Programs.Start(new ProgramOptions(), "tail", "-n", "+1", "-f", events);
        Assert.True(late.WaitFor("memory/second", s_limit), late.Printed);
        if (keyFileIsAway)
        {
            File.Delete(Directory.GetFiles(Path.Combine(claw.State, "keys")).Single());
        }

        for (int kill = 1; kill <= 2; kill++)
        {
            fs.Kill();
            fs.WaitForSuccessor();
            string name = $"after-{kill}";
            File.WriteAllText(Path.Combine(claw.Memory, name), "");
            Assert.True(early.WaitFor($"memory/{name}", s_limit), $"{early.Printed}\n{claw.Claw("status", claw.Mount).Out}\n{Programs.TryShell("/", $"stat -L /proc/{early.Id}/fd/3; stat {events}; ls -l /proc/{early.Id}/fd; cat /proc/{early.Id}/stack; cat {claw.Mount}/sys/errors; cat {events} | tail -3").Out}");
            Assert.True(late.WaitFor($"memory/{name}", s_limit), late.Printed);
            Assert.Equal(kill, early.Printed.Split("\"restarted\"").Length - 1);
        }
        int lines = Count(File.ReadAllText(events));
        SpinWait.SpinUntil(() => Count(early.Printed) >= lines, s_limit);
        Assert.Equal(lines, Count(early.Printed));
        Assert.DoesNotContain("truncated", early.Printed + late.Printed, StringComparison.Ordinal);

        static int Count(string printed) => printed.Split('\n').Count(static line => line.Contains("memory/", StringComparison.Ordinal));
    }

    [Fact]
    public void Watches_of_generated_files_fire_after_a_kill()
    {
        Need.Program("inotifywait");
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        string health = Path.Combine(claw.Mount, "sys/health"), events = Path.Combine(claw.Mount, "events");
        using RunningProgram onEvents = Watch(events);
        using RunningProgram onHealth = Watch(health);
        File.WriteAllText(Path.Combine(claw.Memory, "before"), "");
        Assert.True(onEvents.WaitFor("MODIFY", s_limit), onEvents.Printed);
        // Other readers get other node ids by now: nothing but the watch holds the first ones.
        Assert.Contains("before", File.ReadAllText(events), StringComparison.Ordinal);
        fs.Kill();
        fs.WaitForSuccessor();
        Assert.True(fs.WaitForNotify(s_limit), "no notify worker");
        int seen = Count(onEvents), healthSeen = Count(onHealth);
        File.WriteAllText(Path.Combine(claw.Memory, "after"), "");
        Assert.True(SpinWait.SpinUntil(() => Count(onEvents) > seen, s_limit), onEvents.Printed);
        claw.Claw("lock", claw.Mount).Must();
        Assert.True(SpinWait.SpinUntil(() => Count(onHealth) > healthSeen, s_limit), onHealth.Printed);

        static RunningProgram Watch(string file)
        {
            RunningProgram watch = Programs.Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e", "-e", "modify", file);
            Assert.True(watch.WaitFor("Watches established", s_limit), watch.Printed);
            return watch;
        }

        static int Count(RunningProgram watch) => watch.Printed.Split("MODIFY").Length - 1;
    }

    [Fact]
    public void An_open_generated_file_reads_on_and_a_new_reader_sees_the_true_size()
    {
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        string[] paths = ["sys/version", "sys/uptime", "sys/health", "sys/metrics", "sys/errors", "README", "events"];
        SafeFileHandle[] open = [.. paths.Select(path => File.OpenHandle(Path.Combine(claw.Mount, path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite))];
        fs.Kill();
        fs.WaitForSuccessor();
        byte[] buffer = new byte[1 << 20];
        for (int i = 0; i < paths.Length; i++)
        {
            int length = RandomAccess.Read(open[i], buffer, 0);
            Assert.True(length > 0 || paths[i] == "sys/errors", $"{paths[i]}: {length} bytes");
            open[i].Dispose();
            string counted = Programs.Shell(claw.Mount, $"exec < {paths[i]}; stat -L -c %s /dev/stdin; wc -c").Trim();
            Assert.True(counted.Split('\n') is [var size, var read] && size == read, $"{paths[i]}: {counted}");
        }
    }

    [Fact]
    public void What_was_written_to_a_generated_file_and_not_closed_fails_at_the_close()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        const string Script = "import os,sys\nf=os.open('sys/fs/quota',os.O_WRONLY|os.O_TRUNC)\nos.write(f,b'1G\\n')\nprint('written',flush=True)\nopen('memory/go').read()\ntry: os.close(f)\nexcept OSError as e: print('close',e.errno)\n";
        string before = File.ReadAllText(Path.Combine(claw.Mount, "sys/fs/quota"));
        Programs.Shell(claw.Memory, "mkfifo go");
        using RunningProgram program = Programs.Start(new ProgramOptions { Folder = claw.Mount }, "python3", "-c", Script);
        Assert.True(program.WaitFor("written", s_limit), program.Printed);
        fs.Kill();
        fs.WaitForSuccessor();
        Programs.Shell(claw.Memory, "echo > go");
        Assert.Contains("close 9", program.Wait(s_limit).Must().Out, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(claw.Mount, "sys/fs/quota")));
    }

    [Fact]
    public void A_reader_who_waits_for_an_answer_hears_that_nobody_will_give_it_and_a_new_conversation_works()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        // A backup keeps its conversation open: the second read waits.
        const string Script = "import os\nf=os.open('sys/ctl',os.O_RDWR)\nos.write(f,b'{\"command\":\"backup\"}\\n')\nprint(os.read(f,1<<20)[:12],flush=True)\ntry: print('read',os.read(f,1<<20))\nexcept OSError as e: print('read',e.errno)\ntry: print('write',os.write(f,b'x\\n'))\nexcept OSError as e: print('write',e.errno)\nos.close(f)\n";
        using RunningProgram program = Programs.Start(new ProgramOptions { Folder = claw.Mount }, "python3", "-c", Script);
        Assert.True(program.WaitFor("progress", s_limit), program.Printed);
        fs.Kill();
        string said = program.Wait(s_limit).Must().Out;
        Assert.Contains("read 112", said, StringComparison.Ordinal);
        Assert.Contains("write 112", said, StringComparison.Ordinal);
        fs.WaitForSuccessor();
        claw.Claw("fsck", claw.Store).Must();
    }
}

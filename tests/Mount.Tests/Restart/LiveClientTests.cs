using ClawOS.Mount.Tests.Store;
using ClawOS.Mounting;
using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Restart;

/// <summary>Programs that have files, folders, watches and transactions open go on when fs is killed.</summary>
public sealed class LiveClientTests : ProductTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private const string Transaction = """
        import sqlite3, sys
        db = sqlite3.connect("notes.db", isolation_level=None)
        db.execute("create table t(x)")
        db.execute("begin immediate")
        db.executemany("insert into t values (?)", [(i,) for i in range(5000)])
        print("open", flush=True)
        sys.stdin.read()
        open("go").read()
        db.executemany("insert into t values (?)", [(i,) for i in range(5000)])
        db.execute("commit")
        print(db.execute("select count(*) from t").fetchone()[0], db.execute("pragma integrity_check").fetchone()[0], flush=True)
        """;

    [Fact]
    public void A_tail_a_watch_a_shell_and_a_commit_of_git_go_on_over_a_kill()
    {
        Need.Program("git", "inotifywait");
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        string work = Path.Combine(claw.Memory, "work");
        Programs.Shell(claw.Memory, "mkdir work; cd work; git init -q; git config user.email a@b; git config user.name n; echo start > log");
        using RunningProgram tail = Programs.Start(new ProgramOptions(), "tail", "-f", Path.Combine(work, "log"));
        using RunningProgram watch = Programs.Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e %f", work);
        Assert.True(tail.WaitFor("start", s_limit) && watch.WaitFor("Watches established", s_limit));
        using RunningProgram shell = Programs.Start(
            new ProgramOptions { Folder = work }, "bash", "-c", "exec 7>>log; echo ready; while [ ! -e go ]; do :; done; echo later >&7; pwd; cat log; git add log; git commit -qm one; git fsck; git log --oneline | wc -l; echo end");
        Assert.True(shell.WaitFor("ready", s_limit));

        fs.Kill();
        File.WriteAllText(Path.Combine(work, "go"), "");
        Assert.True(shell.WaitFor("end", s_limit), shell.Printed);
        fs.WaitForSuccessor();
        Assert.Equal($"ready\n{work}\nstart\nlater\n1\nend\n", shell.Printed);
        Assert.True(tail.WaitFor("later", s_limit), tail.Printed);
        Assert.True(watch.WaitFor("CREATE go", s_limit), watch.Printed);
        tail.Kill();
        watch.Kill();
        tail.Wait(s_limit);
        watch.Wait(s_limit);
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
    }

    [Fact]
    public void An_open_transaction_of_SQLite_commits_after_a_kill()
    {
        Need.Program("python3");
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        Programs.Shell(claw.Memory, "mkfifo go");
        using RunningProgram program = Programs.Start(new ProgramOptions { Folder = claw.Memory }, "python3", "-c", Transaction);
        Assert.True(program.WaitFor("open", s_limit), program.Printed);
        fs.Kill();
        Programs.Shell(claw.Memory, "echo > go");
        Assert.Contains("10000 ok", program.Wait(s_limit).Must().Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_that_is_under_way_goes_on_over_a_kill_and_so_do_those_of_the_kernels_cache()
    {
        const int Count = 3000;
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        Programs.Shell(claw.Memory, $"mkdir many few; touch few/a; cd many; seq -f file%g {Count} | xargs touch; ls ../few");
        string path = PathBytes.FromText(Path.Combine(claw.Memory, "many"));
        using DirectoryStream stream = new(path);
        List<string> seen = [.. stream.Rest().Take(100)];
        fs.Kill();
        Sys.Unlink($"{path}/{seen[0]}").Must("unlink");
        seen.AddRange(stream.Rest());
        Assert.Equal(Count, seen.Distinct().Count());
        Assert.Equal(Count, seen.Count);
        fs.WaitForSuccessor();
        Assert.Equal("a\n", Programs.Shell(claw.Memory, "ls few"));
        Assert.Equal("a\nb\n", Programs.Shell(claw.Memory, "touch few/b; ls few"));
        Assert.Equal($"{Count - 1}\n", Programs.Shell(claw.Memory, "ls many | wc -l"));
        Assert.Equal("README\napprovals\nevents\nmemory\npolicy\nrun\nsearch\nsys\n", Programs.Shell(claw.Mount, "ls | grep -v events.1"));
    }

    /// <summary>
    /// Each write meets a process that is just dying: the kernel hands its request to a thread that can still take it, but be given no memory. By system calls,
    /// because FileStream.Flush passes over the EIO that fsync(2) then said.
    /// </summary>
    [Fact]
    public void A_file_that_was_removed_while_it_was_open_takes_writes_at_every_kill()
    {
        const int Length = 100_000, Kills = 4;
        using ClawMount claw = new ClawMount().Up();
        RestartedFs fs = new(claw);
        string path = PathBytes.FromText(Path.Combine(claw.Memory, "f"));
        int file = (int)Sys.Open(path, Sys.RdWr | Sys.Creat, 0b110_100_100).Must("create");
        Assert.Equal(Length, Sys.Write(file, Content(0, Length)).Value);
        Assert.Equal(Reply.Ok, Sys.FSync(file));
        Assert.Equal(Reply.Ok, Sys.Unlink(path));
        for (int kill = 1; kill <= Kills; kill++)
        {
            fs.Kill();
            Assert.Equal(Length, Sys.Write(file, Content(kill, Length)).Value);
            Assert.Equal(Reply.Ok, Sys.FSync(file));
            fs.WaitForSuccessor();
        }
        Programs.Shell("/", "echo 1 > /proc/sys/vm/drop_caches");
        byte[] read = new byte[Length];
        for (int part = 0; part <= Kills; part++)
        {
            Assert.Equal(Length, Sys.PRead(file, read, (long)part * Length).Value);
            Assert.Equal(Content(part, Length), read);
        }
        Sys.Close(file);
        claw.Down();
        claw.Claw("fsck", claw.Store).Must();
    }
}

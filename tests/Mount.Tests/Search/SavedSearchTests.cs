using System.Text.Json.Nodes;
using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Search;

/// <summary>Standing queries: made by mkdir, told by events and inotify, kept in the store.</summary>
public sealed class SavedSearchTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly ClawMount _claw = new ClawMount().Up();

    public void Dispose() => _claw.Dispose();

    private string Saved => Path.Combine(_claw.Mount, "search/saved");

    [Fact]
    public void A_new_hit_is_an_event_and_wakes_who_watches_the_folder_or_the_table()
    {
        Need.Program("inotifywait");
        Shell(_claw.Memory, "echo 'an old zebra' > old.md");
        Waiting.Until(() => File.ReadAllText(Path.Combine(_claw.Mount, "search/zebra/results.tsv")), text => text.Contains("\tmemory/old.md\t") && !text.Contains("not complete"));
        Shell(Saved, "mkdir keys && echo 'zebra' > keys/query && echo 'k=5 mode=words' > keys/opts");
        Waiting.Until(() => Read("keys/results.tsv"), text => text.Contains("\tmemory/old.md\t"));
        Waiting.Until(() => Read("keys/status"), text => text.Contains("state current\n") && text.Contains("hits 1\n"));
        using RunningProgram folder = Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e %f", Path.Combine(Saved, "keys"));
        using RunningProgram table = Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e", "-e", "modify", Path.Combine(Saved, "keys/results.tsv"));
        Assert.True(folder.WaitFor("Watches established", s_limit), folder.Printed);
        Assert.True(table.WaitFor("Watches established", s_limit), table.Printed);
        // The wake-up of what was written above may come late and count for the first of these, but not for all.
        for (int i = 1; i <= 3; i++)
        {
            (int folderBefore, int tableBefore) = (folder.Printed.Split("MODIFY results.tsv").Length, table.Printed.Split("MODIFY").Length);
            Shell(_claw.Memory, $"echo 'a new zebra' > new{i}.md");
            Waiting.Until(() => Read("keys/results.tsv"), text => text.Contains($"\tmemory/new{i}.md\t"));
            Waiting.Until(() => folder.Printed, text => text.Split("MODIFY results.tsv").Length > folderBefore);
            Waiting.Until(() => table.Printed, text => text.Split("MODIFY").Length > tableBefore);
        }

        JsonObject[] told = Waiting.Until(() => Told("keys"), hits => hits.Length >= 3);
        Assert.Equal(["memory/new1.md", "memory/new2.md", "memory/new3.md"], told.Select(hit => (string?)hit["path"]));
        Assert.All(told, hit => Assert.True((double)hit["score"]! > 0));
        Assert.Equal("a new zebra\n", File.ReadAllText(Path.Combine(Saved, "keys/hits", Path.GetFileName(Directory.GetFiles(Path.Combine(Saved, "keys/hits"), "*-new2.md").Single()))));
    }

    [Fact]
    public void They_outlive_a_remount_and_a_kill_and_tell_once_what_came_meanwhile()
    {
        Shell(Saved, "mkdir keys && echo 'walrus' > keys/query && echo 'k=9 mode=words' > keys/opts");
        Shell(_claw.Memory, "echo 'the first walrus' > a.md");
        Waiting.Until(() => Told("keys"), hits => hits.Length == 1);
        _claw.Remount();
        Assert.Equal("walrus\n", Read("keys/query"));
        Assert.Equal("k=9 ef=0 mode=words\n", Read("keys/opts"));
        Waiting.Until(() => Read("keys/status"), text => text.Contains("state current\n"));
        Shell(_claw.Memory, "echo 'the second walrus' > b.md");
        Waiting.Until(() => Told("keys"), hits => hits.Length == 2);
        // What was told is kept a second later: the second walrus may be told twice, the third must be once, although the kill follows it at once.
        Shell("/", $"echo 'the third walrus' > {_claw.Memory}/c.md; kill -9 $(pgrep -f '[s]erve-fs --mount {_claw.Mount} ')");
        Waiting.Until(() => Told("keys"), hits => hits.Any(hit => (string?)hit["path"] == "memory/c.md"));
        Waiting.Until(() => Read("keys/status"), text => text.Contains("state current\n"));
        string?[] told = [.. Told("keys").Select(hit => (string?)hit["path"])];
        Assert.Equal(["memory/a.md", "memory/b.md", "memory/c.md"], told.Distinct());
        Assert.Equal((1, 1), (told.Count(path => path == "memory/a.md"), told.Count(path => path == "memory/c.md")));
        Waiting.Until(() => Read("keys/results.tsv"), text => text.Split('\n').Length == 5);
        _claw.KillEverything();
        Assert.Equal("", TryShell(_claw.Store, "grep -rla -e walrus .").Out);
    }

    [Fact]
    public void A_watcher_goes_on_through_a_kill_of_fs()
    {
        Need.Program("inotifywait");
        Shell(Saved, "mkdir keys && echo 'ostrich' > keys/query");
        using RunningProgram watch = Start(new ProgramOptions(), "inotifywait", "-m", "--format", "%e", "-e", "modify", Path.Combine(Saved, "keys/results.tsv"));
        Assert.True(watch.WaitFor("Watches established", s_limit), watch.Printed);
        Shell("/", $"kill -9 $(pgrep -f '[s]erve-fs --mount {_claw.Mount} ')");
        Waiting.Until(() => Read("keys/status"), text => text.Contains("state current\n"));
        // The restart itself may wake it: what counts is what comes behind the new file.
        int before = watch.Printed.Split("MODIFY").Length;
        Shell(_claw.Memory, "echo 'an ostrich' > o.md");
        Waiting.Until(() => Read("keys/results.tsv"), text => text.Contains("memory/o.md"));
        Waiting.Until(() => watch.Printed, text => text.Split("MODIFY").Length > before);
    }

    [Fact]
    public void They_are_listed_and_removed_by_rmdir_and_by_rm_r()
    {
        Shell(_claw.Memory, "echo 'a hippo' > a.md; echo 'two hippos' > b.md");
        Shell(Saved, "mkdir one two 'drei vier'; for q in one two; do echo hippo > $q/query; done");
        Assert.Equal("drei vier\none\ntwo\n", Shell(Saved, "LC_ALL=C ls"));
        Waiting.Until(() => Shell(Saved, "ls two/hits"), text => text.Split('\n').Length == 3);
        Shell(Saved, "rmdir one; rm -rf two");
        Assert.Equal("drei vier\n", Shell(Saved, "ls"));
        _claw.Remount();
        Assert.Equal("drei vier\n", Shell(Saved, "ls"));
        Assert.Equal(2, Directory.GetFiles(_claw.Memory).Length);
        Shell(Saved, "mkdir one && cat one/query one/results.tsv && rmdir one 'drei vier'");
        Assert.Equal("", Shell(Saved, "ls"));
    }

    [Fact]
    public void What_is_refused_is_refused_by_name_and_with_the_reason()
    {
        foreach (string made in (string[])["x", "search/Makefile", "sys/x", "sys/index/x", "search/saved/.x"])
            Assert.NotEqual(0, TryShell(_claw.Mount, $"mkdir {made}").ExitCode);
        Shell(Saved, "mkdir keys");
        Assert.NotEqual(0, TryShell(Saved, "mkdir keys").ExitCode);
        Assert.NotEqual(0, TryShell(Saved, "mkdir keys/more").ExitCode);
        Assert.NotEqual(0, TryShell(Saved, "echo k=0 > keys/opts").ExitCode);
        Assert.NotEqual(0, TryShell(Saved, "head -c 20000 /dev/zero | tr '\\0' x > keys/query").ExitCode);
        Assert.NotEqual(0, TryShell(Saved, "for i in $(seq 256); do mkdir q$i || exit 1; done").ExitCode);
        Assert.Equal(256, Directory.GetDirectories(Saved).Length);
        string errors = File.ReadAllText(Path.Combine(_claw.Mount, "sys/errors"));
        Assert.Contains("does not begin with '.'", errors);
        Assert.Contains("16384 bytes", errors);
        Assert.Contains("256 standing queries", errors);
        foreach (string removed in (string[])["search", "search/saved", "sys", "memory"])
            Assert.NotEqual(0, TryShell(_claw.Mount, $"rmdir {removed}").ExitCode);
        Assert.NotEqual(0, TryShell(_claw.Mount, "rm -f sys/health").ExitCode);
    }

    [Fact]
    public void Others_see_nothing_of_them_also_while_the_worker_passes()
    {
        Need.Program("setpriv");
        Shell(Saved, "mkdir keys && echo 'giraffe' > keys/query");
        using RunningProgram writer = Start(new ProgramOptions { Folder = _claw.Memory }, "sh", "-c", "for i in $(seq 60); do echo \"giraffe $i\" > g$i.md; sleep 0.05; done");
        string script = "for i in $(seq 1500); do cat saved/keys/results.tsv saved/keys/query giraffe/results.tsv; ls saved; done 2> /dev/null";
        ProgramResult other = Run(new ProgramOptions { Folder = "/", Timeout = TimeSpan.FromMinutes(1) }, "setpriv", "--reuid=60999", "--regid=60999", "--clear-groups", "sh", "-c", $"cd / ; {script.Replace("saved", Saved).Replace("giraffe/", Path.Combine(_claw.Mount, "search/giraffe") + "/")}");
        Assert.Equal("", other.Out);
        writer.Wait(s_limit);
        Waiting.Until(() => Told("keys"), hits => hits.Length >= 20);
    }

    [Fact]
    public void While_the_store_is_locked_there_are_none_and_none_can_be_made()
    {
        Shell(Saved, "mkdir keys && echo 'lion' > keys/query");
        _claw.Claw("lock", _claw.Mount).Must();
        Assert.Equal("", Shell(Saved, "ls"));
        Assert.NotEqual(0, TryShell(Saved, "mkdir other").ExitCode);
        _claw.Claw("unlock", _claw.Mount).Must();
        Waiting.Until(() => Shell(Saved, "ls"), text => text == "keys\n");
        Assert.Equal("lion\n", Read("keys/query"));
    }

    private string Read(string path) => File.ReadAllText(Path.Combine(Saved, path));

    private JsonObject[] Told(string query) =>
    [
        .. File.ReadAllLines(Path.Combine(_claw.Mount, "events"))
            .Where(line => line.Contains("\"event\":\"hit\"", StringComparison.Ordinal))
            .Select(line => JsonNode.Parse(line)!.AsObject())
            .Where(hit => (string?)hit["query"] == query),
    ];
}

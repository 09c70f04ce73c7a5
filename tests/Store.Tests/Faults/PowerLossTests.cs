using ClawFS.Linux;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

public sealed class PowerLossTests(ITestOutputHelper output)
{
    private const int Operations = 3000, OperationsAtOnce = 600;
    private const int SampledPoints = 150;

    [Fact]
    public void A_power_loss_at_any_point_leaves_a_prefix_with_everything_that_was_synced()
    {
        var random = new Random(Seed.For(output));
        using var store = new StoreFixture();
        store.Store.Close();
        var disk = new RecordingDisk(store.Path);
        store.OpenFolder = disk.Open;
        store.OpenNow();
        List<Answer> answers = Work(store, disk, random);
        DiskEvent[] events = disk.Events;
        bool all = Environment.GetEnvironmentVariable("CLAW_LONG") == "1";
        int points = 0;
        for (int point = disk.Base; point <= events.Length; point += all ? 1 : random.Next(1, Math.Max(2, 2 * events.Length / SampledPoints)))
        {
            int seed = random.Next();
            using StoreFixture left = store.WithFiles(DiskImage.Build(events, point, new Random(seed)), boot: Guid.NewGuid(), open: false);
            CheckPrefix(left, answers, point, $"point {point} of {events.Length}, seed {seed}");
            points++;
        }
        output.WriteLine($"{points} of {events.Length} points");
    }

    [Fact]
    public void What_a_killed_process_left_in_the_page_cache_is_durable_once_the_store_is_open_again()
    {
        var random = new Random(Seed.For(output));
        using var store = new StoreFixture();
        // All is in the journal: what a commit has synced could not be told from the rest in the copy.
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        var run = new ModelRun(random);
        for (int i = 0; i < 200; i++)
        {
            run.Step(store);
        }
        for (int round = 0; round < 10; round++)
        {
            using StoreFixture killed = store.Copy(open: false);
            var disk = new RecordingDisk(killed.Path, unsynced: static file => file != SqliteRows.FileName);
            killed.OpenFolder = disk.Open;
            killed.OpenNow();
            _ = disk.Count;
            using StoreFixture left = killed.WithFiles(DiskImage.Build(disk.Events, disk.Count, random), boot: Guid.NewGuid());
            Assert.Equal(run.Root.Dump(), ModelNode.DumpStore(left.User, left.Tree, TreeUser.Root));
            left.IsClean();
            run.Step(store);
        }
    }

    [Fact]
    public void A_commit_that_a_kill_took_before_its_sync_is_durable_before_the_journal_goes()
    {
        var random = new Random(Seed.For(output));
        using var store = new StoreFixture();
        store.Store.Close();
        var disk = new RecordingDisk(store.Path);
        store.OpenFolder = disk.Open;
        store.OpenNow();
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        var run = new ModelRun(random);
        run.Step(store);
        // The WAL has its header now: what is refused from here on is the sync of whole commits.
        store.Store.Commit();
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                run.Step(store);
            }
            // All of the commit is in the page cache when the process dies.
            disk.Fault = static call => call is { OfRows: true, Action: DiskAction.Sync } ? Errno.EIO : Errno.Ok;
            Assert.Equal(Errno.EIO, Assert.Throws<StoreException>(store.Store.Commit).Error);
            disk.Fault = null;
            using StoreFixture killed = store.Copy(open: false);
            var next = new RecordingDisk(killed.Path, unsynced: static file => file == SqliteRows.FileName + "-wal");
            killed.OpenFolder = next.Open;
            killed.OpenNow();
            using StoreFixture left = killed.WithFiles(DiskImage.Build(next.Events, next.Count, random), boot: Guid.NewGuid());
            Assert.Equal(run.Root.Dump(), ModelNode.DumpStore(left.User, left.Tree, TreeUser.Root));
            left.IsClean();
        }
    }

    /// <summary>3,000 operations (2,000 writes and more of the disk), a sync or a commit now and then: what each leaves, and between which events of the disk it was answered.</summary>
    private static List<Answer> Work(StoreFixture store, RecordingDisk disk, Random random)
    {
        var run = new ModelRun(random, wholeBlocks: true);
        var answers = new List<Answer> { new(run.Root.Dump(), 0, 0, true) };
        for (int i = 0; i < Operations; i += OperationsAtOnce)
        {
            int before = disk.Count;
            if (i > 0)
            {
                // Closing copies SQLite's WAL into claw.db and deletes it.
                store.Reopen();
                answers.Add(new(answers[^1].State, before, disk.Count, true));
            }
            using Lock.Scope pause = store.Store.Checkpoints.Pause();
            for (int k = 0; k < OperationsAtOnce; k++)
            {
                Step(store, disk, random, run, answers);
            }
        }
        return answers;
    }

    private static void Step(StoreFixture store, RecordingDisk disk, Random random, ModelRun run, List<Answer> answers)
    {
        int before = disk.Count;
        bool synced = true;
        switch (random.Next(100))
        {
            case < 2:
                store.Store.Commit();
                break;
            case < 12:
                store.User.Fsync(TreeUser.Root);
                break;
            default:
                run.Step(store);
                synced = false;
                break;
        }
        answers.Add(new(synced ? answers[^1].State : run.Root.Dump(), before, disk.Count, synced));
    }

    private static void CheckPrefix(StoreFixture left, List<Answer> answers, int point, string where)
    {
        try
        {
            left.OpenNow();
        }
        catch (StoreException e)
        {
            Assert.Fail($"{where}: {e.Message}");
        }
        string state = ModelNode.DumpStore(left.User, left.Tree, TreeUser.Root);
        int last = answers.FindLastIndex(a => a.Begin <= point);
        int synced = answers.FindLastIndex(a => a.Synced && a.End <= point);
        int found = answers.FindLastIndex(last, last - synced + 1, a => a.State == state);
        Assert.True(found >= 0, $"{where}: not a state between answers {synced} and {last}; {answers.FindIndex(a => a.State == state)} is");
        left.IsClean();
    }

    private sealed record Answer(string State, int Begin, int End, bool Synced);
}

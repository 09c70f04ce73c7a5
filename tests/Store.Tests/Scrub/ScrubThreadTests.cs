using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Check;

/// <summary>The background check as it runs: beside changes, over restarts, against the anchor.</summary>
public sealed class ScrubThreadTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Beside_changes_commits_and_the_cleaner_it_takes_nothing_for_damage()
    {
        int seed = Seed.For(output);
        using var store = new StoreFixture(cachedInodes: 100, cleaningSlack: 0);
        store.Reopen();
        // There is something to read in the first pass and to clean (short segments) whichever thread the machine lets run: the passes are counted, no clock is.
        var first = new Random(seed + 2);
        for (int i = 0; i < 200; i++)
        {
            Change(store, first, i % 2 == 0 ? "a" : "b");
            if (i % 10 == 0)
            {
                store.Reopen();
            }
        }
        using var stop = new CancellationTokenSource();
        Task[] others =
        [
            Start(() => Change(store, new Random(seed), "a"), stop.Token),
            Start(() => Change(store, new Random(seed + 1), "b"), stop.Token),
            Start(() => Clean(store), stop.Token),
        ];
        long blocks = 0;
        int passes = Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? 400 : 40;
        for (int i = 0; i < passes || (i < 100 * passes && store.Store.Cleaner.CopiedBytes == 0); i++)
        {
            ScrubStatus done = store.Store.ScrubNow(TestContext.Current.CancellationToken);
            Assert.True(done.Problems == 0, $"pass {i}: {string.Join("; ", store.Reports)}");
            blocks += done.Blocks;
            Assert.All(others, static t => Assert.False(t.IsFaulted, t.Exception?.ToString()));
        }
        await stop.CancelAsync();
        await Task.WhenAll(others);
        Assert.True(store.Store.Cleaner.CopiedBytes > 0, "the cleaner has moved nothing");
        Assert.True(blocks >= passes, $"{blocks} blocks in {passes} passes, {store.Store.Statistics}");
        output.WriteLine($"{blocks} blocks read in {passes} passes, {store.Store.Statistics.Checkpoints} checkpoints, {store.Store.Cleaner.CopiedBytes} bytes moved");
        Assert.Empty(store.Reports);
        store.IsClean();
    }

    [Fact]
    public void A_pass_that_is_interrupted_goes_on_after_a_restart()
    {
        using var store = new StoreFixture { ScrubRest = TimeSpan.Zero };
        for (int i = 0; i < 300; i++)
        {
            store.User.Forget(store.User.File(TreeUser.Root, $"f{i}"));
        }
        store.Reopen();
        Assert.True(SpinWait.SpinUntil(() => store.Store.Statistics.Scrub.Rows >= 64, Limit));
        store.ScrubRest = TimeSpan.FromHours(1);
        store.Reopen();
        ScrubStatus resting = store.Store.Statistics.Scrub;
        Assert.Equal(ScrubState.Running, resting.State);
        Assert.InRange(resting.Rows, 64, 299);
        store.ScrubRest = TimeSpan.Zero;
        store.ScrubPace = long.MaxValue;
        store.Reopen();
        Assert.True(SpinWait.SpinUntil(() => store.Store.Statistics.Scrub.State == ScrubState.Waiting, Limit));
        ScrubStatus done = store.Store.Statistics.Scrub;
        // The note of where it stood is a file and has a row as well.
        Assert.InRange(done.Rows, 300, store.Store.Rows.Count);
        Assert.True(done.Rows - resting.Rows < 300, "the pass began anew");
        Assert.Equal(0, done.Problems);
        store.IsClean();
    }

    [Fact]
    public void It_rests_when_a_pass_was_done_and_after_opening()
    {
        using var store = new StoreFixture();
        store.Reopen();
        Assert.Equal((ScrubState.Waiting, null), (store.Store.Statistics.Scrub.State, store.Store.Statistics.Scrub.Begun));
        ScrubStatus done = store.Store.ScrubNow(TestContext.Current.CancellationToken);
        store.ScrubRest = TimeSpan.Zero;
        store.Reopen();
        ScrubStatus later = store.Store.Statistics.Scrub;
        Assert.Equal(ScrubState.Waiting, later.State);
        Assert.Equal(done.Begun!.Value.ToUnixTimeSeconds(), later.Begun!.Value.ToUnixTimeSeconds());
        Assert.Equal(done.Rows, later.Rows);
    }

    [Fact]
    public void A_store_older_than_its_anchor_is_told_in_each_pass_also_if_the_anchor_moves_on_while_it_is_open()
    {
        using var files = new ScratchFolder();
        using var anchors = new ScratchFolder();
        using SecretKey master = SecretKey.Random();
        var id = Guid.NewGuid();
        var reports = new List<string>();
        using (Anchor anchor = OpenAnchor(anchors, id))
        {
            ClawStore.Create(files.Path, master, id, 0, anchor);
        }
        using Anchor own = OpenAnchor(anchors, id);
        using var store = ClawStore.Open(files.Path, master, id, new StoreOptions { Anchor = own, Report = reports.Add });
        store.Tree.EnsureTop("memory", 0x1C0, 0, 0);
        store.Commit();
        Assert.Equal(0, store.ScrubNow(TestContext.Current.CancellationToken).Problems);
        using (Anchor other = OpenAnchor(anchors, id))
        {
            // What a copy of the store does that has come further.
            other.Compare(master, id, 1000, 1);
            other.Accept(1000, 1);
        }
        Assert.Equal(1, store.ScrubNow(TestContext.Current.CancellationToken).Problems);
        Assert.Equal(AnchorState.RolledBack, store.Anchored);
        Assert.Contains("older than it has been", Assert.Single(reports), StringComparison.Ordinal);
        Assert.Equal(1, store.ScrubNow(TestContext.Current.CancellationToken).Problems);
        Assert.Equal(FsckCode.RolledBack, Assert.Single(Fsck.Run(store, new FsckOptions(), TestContext.Current.CancellationToken).Problems).Code);
    }

    [Fact]
    public void An_anchor_that_somebody_has_cut_or_set_back_is_told()
    {
        using var files = new ScratchFolder();
        using var anchors = new ScratchFolder();
        using SecretKey master = SecretKey.Random();
        var id = Guid.NewGuid();
        var reports = new List<string>();
        using Anchor own = OpenAnchor(anchors, id);
        ClawStore.Create(files.Path, master, id, 0, own);
        using var store = ClawStore.Open(files.Path, master, id, new StoreOptions { Anchor = own, Report = reports.Add });
        store.AcceptRollback();
        File.WriteAllBytes(Directory.GetFiles(anchors.Path).Single(), []);
        Assert.Equal(1, store.ScrubNow(TestContext.Current.CancellationToken).Problems);
        Assert.Contains(nameof(FsckCode.AnchorChanged), Assert.Single(reports), StringComparison.Ordinal);
    }

    private static Anchor OpenAnchor(ScratchFolder folder, Guid id)
    {
        using Folder anchors = folder.Open();
        return Anchor.Open(anchors, id);
    }

    private static Task Start(Action work, CancellationToken stop) => Task.Factory.StartNew(() =>
    {
        while (!stop.IsCancellationRequested)
        {
            work();
        }
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void Clean(StoreFixture store)
    {
        store.Store.Commit();
        store.Store.Cleaner.Pass();
    }

    private static void Change(StoreFixture store, Random random, string prefix)
    {
        string name = $"{prefix}{random.Next(30)}";
        ulong file = store.User.Peek(TreeUser.Root, name);
        switch (random.Next(6))
        {
            case 0 when file != 0:
                TreeUser.Ok(store.User.Unlink(TreeUser.Root, name));
                break;
            case 1 when file != 0:
                TreeUser.Ok(store.User.Truncate(file, (ulong)random.Next(100_000)));
                break;
            default:
                if (file == 0)
                {
                    store.User.Forget(file = store.User.File(TreeUser.Root, name));
                }
                byte[] data = new byte[random.Next(1, 30_000)];
                random.NextBytes(data);
                store.User.Write(file, (ulong)random.Next(500_000), data);
                break;
        }
    }
}

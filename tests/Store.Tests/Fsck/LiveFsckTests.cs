using System.Collections.Concurrent;
using System.Diagnostics;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Check;

public sealed class LiveFsckTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_store_in_use_is_clean_all_the_time()
    {
        int seed = Seed.For(output);
        using var store = new StoreFixture(cachedInodes: 300);
        ulong[] folders = [.. Enumerable.Range(0, 4).Select(i => store.User.Folder(TreeUser.Root, $"d{i}"))];
        long end = Stopwatch.GetTimestamp() + 4 * Stopwatch.Frequency;
        var work = new List<Task>();
        for (int i = 0; i < 4; i++)
        {
            var random = new Random(seed + i);
            work.Add(Task.Factory.StartNew(() =>
            {
                var user = new StressUser(store.Tree, folders, random);
                while (Stopwatch.GetTimestamp() < end)
                {
                    user.Step();
                }
            }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        }
        int checks = 0;
        while (Stopwatch.GetTimestamp() < end)
        {
            FsckReport report = Fsck.Run(store.Store, new FsckOptions { Repair = checks % 2 == 1 }, TestContext.Current.CancellationToken);
            Assert.True(report.Problems.Count == 0, string.Join("; ", report.Problems.Take(5)));
            checks++;
        }
        await Task.WhenAll(work).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        output.WriteLine($"{checks} checks");
        Assert.True(checks > 1);
        store.IsClean();
    }

    [Fact]
    public void Progress_comes_at_least_twice_a_second_and_names_every_stage()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        for (ulong i = 0; i < 64; i++)
        {
            store.User.Write(file, i << 20, new byte[1 << 20]);
        }
        var told = new Recorder();
        long start = Stopwatch.GetTimestamp();
        Fsck.Run(store.Store, new FsckOptions { Progress = told }, TestContext.Current.CancellationToken);
        List<(long At, FsckProgress Progress)> all = [(start, default), .. told.Reports, (Stopwatch.GetTimestamp(), default)];
        Assert.Equal(["rows", "names", "space", "blocks"], told.Reports.Select(static r => r.Progress.Stage).Distinct());
        for (int i = 1; i < all.Count; i++)
        {
            // The timer aims at 300 ms; a machine that is busy with other tests may be late.
            Assert.True(Stopwatch.GetElapsedTime(all[i - 1].At, all[i].At) < TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public void A_cancelled_check_ends_and_leaves_the_store_usable()
    {
        using var store = new StoreFixture();
        ulong file = store.User.File(TreeUser.Root, "f");
        store.User.Write(file, 0, new byte[1 << 20]);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => Fsck.Run(store.Store, new FsckOptions(), cancel.Token));
        Assert.Equal(0, (int)store.User.Unlink(TreeUser.Root, "f"));
        store.User.Forget(file);
        store.Store.Commit();
        store.IsClean();
    }

    private sealed class Recorder : IProgress<FsckProgress>
    {
        public ConcurrentQueue<(long At, FsckProgress Progress)> Reports { get; } = new();

        public void Report(FsckProgress value) => Reports.Enqueue((Stopwatch.GetTimestamp(), value));
    }
}

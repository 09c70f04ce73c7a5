using ClawFS.Linux;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

/// <summary>One call of the disk takes as long as the test wants: the others go on, nothing waits for ever, and what comes out is the same.</summary>
public sealed class SlowDiskTests(ITestOutputHelper output)
{
    private const int Operations = 150;
    private const int SampledCalls = 25;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task While_any_one_call_hangs_others_read_and_where_it_is_a_sync_or_SQLite_also_write()
    {
        int seed = Seed.For(output);
        int calls = await TryAsync(seed, 0);
        int step = Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? Math.Max(1, calls / (10 * SampledCalls)) : Math.Max(1, calls / SampledCalls);
        int tried = 0;
        for (int call = 1 + seed % step; call <= calls; call += step)
        {
            await TryAsync(seed, call);
            tried++;
        }
        output.WriteLine($"{tried} of {calls} calls were slow");
    }

    /// <summary>Runs the workload with the given call hanging, 0 for none; the number of calls.</summary>
    private static async Task<int> TryAsync(int seed, int slow)
    {
        using var store = new StoreFixture(cleaningSlack: 0);
        byte[] content = new byte[20_000];
        new Random(seed).NextBytes(content);
        // Beside the folder that the workload and its model have for themselves.
        ulong steady = store.User.File(StoredTree.HiddenFolder, "steady");
        ulong other = store.User.File(StoredTree.HiddenFolder, "other");
        store.User.Write(steady, 0, content);
        store.Store.Close();
        var disk = new RecordingDisk(store.Path);
        store.OpenFolder = disk.Open;
        store.OpenNow();
        using var go = new ManualResetEventSlim();
        var hangs = new TaskCompletionSource<DiskCall>(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.Fault = call =>
        {
            if (call.Number == slow)
            {
                hangs.TrySetResult(call);
                go.Wait();
            }
            return Errno.Ok;
        };
        var work = new FaultWork(store, new Random(seed));
        Task working = Long(() =>
        {
            // Checkpoints come from the workload alone: one of another thread may sync, while no change passes, the records that have come since it synced.
            using Lock.Scope pause = store.Store.Checkpoints.Pause();
            work.Run(Operations);
        });
        Task committing = Task.CompletedTask;
        try
        {
            if (await Task.WhenAny(hangs.Task, working) == hangs.Task)
            {
                DiskCall call = await hangs.Task;
                string where = $"call {slow} ({call})";
                await InTime(Long(() => Assert.Equal(content, store.User.ReadAll(steady))), $"{where}: a reader of another file hangs");
                committing = Long(store.Store.Commit);
                if (call.OfRows || call.Action == DiskAction.Sync)
                {
                    await InTime(Long(() => store.User.Write(other, 0, content)), $"{where}: a writer of another file hangs");
                }
            }
        }
        finally
        {
            go.Set();
        }
        await InTime(working, $"call {slow}: the work never ends");
        await InTime(committing, $"call {slow}: a commit that came meanwhile never ends");
        Assert.Empty(work.Refused);
        Assert.Equal(work.State, ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root));
        store.IsClean();
        return disk.Calls;
    }

    private static Task Long(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>The limit only ends a test that would hang.</summary>
    private static async Task InTime(Task task, string otherwise)
    {
        Assert.True(await Task.WhenAny(task, Task.Delay(Limit)) == task, otherwise);
        await task;
    }
}

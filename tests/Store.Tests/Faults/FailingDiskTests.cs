using ClawFS.Linux;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

public sealed class FailingDiskTests(ITestOutputHelper output)
{
    private const int Operations = 300;
    private const int SampledFaults = 20;

    [Theory]
    [InlineData(Errno.EIO)]
    [InlineData(Errno.ENOSPC)]
    public void Whichever_call_the_disk_refuses_once_nothing_answered_is_lost_by_a_kill_and_nothing_synced_by_a_power_loss(Errno error)
    {
        int seed = Seed.For(output);
        var random = new Random(seed);
        int calls = Try(error, 0, seed);
        int step = Environment.GetEnvironmentVariable("CLAW_LONG") == "1" ? 1 : Math.Max(1, calls / SampledFaults);
        int tried = 0;
        for (int call = random.Next(1, step + 1); call <= calls; call += step)
        {
            Try(error, call, seed);
            tried++;
        }
        output.WriteLine($"{tried} of {calls} calls refused");
    }

    [Fact]
    public void A_disk_that_fails_for_good_answers_errors_and_loses_nothing_that_was_synced()
    {
        int seed = Seed.For(output);
        var random = new Random(seed);
        for (int round = 0; round < 5; round++)
        {
            Try(Errno.EIO, random.Next(1, 400), seed, forGood: true);
        }
    }

    /// <summary>Runs the workload with the given call refused, 0 for none.</summary>
    /// <returns>Calls the workload made.</returns>
    private static int Try(Errno error, int refused, int seed, bool forGood = false)
    {
        string where = $"call {refused} refused with {error}";
        using var store = new StoreFixture();
        store.Store.Close();
        var disk = new RecordingDisk(store.Path);
        store.OpenFolder = disk.Open;
        store.OpenNow();
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        disk.Fault = call => call.Number == refused || forGood && call.Number > refused ? error : Errno.Ok;
        var work = new FaultWork(store, new Random(seed));
        work.Run(Operations);
        disk.Fault = null;
        Assert.All(work.Refused, e => Assert.True(e == error, $"{where}: answered {e}"));
        Assert.True(refused > 0 || work.Refused.Count == 0);
        Assert.Equal(work.State, ModelNode.DumpStore(store.User, store.Tree, TreeUser.Root));
        using (StoreFixture killed = store.Copy())
        {
            Assert.True(work.State == ModelNode.DumpStore(killed.User, killed.Tree, TreeUser.Root), $"{where}: a kill loses what was answered");
            killed.IsClean();
        }
        using StoreFixture left = store.WithFiles(DiskImage.Build(disk.Events, disk.Count, new Random(seed)), boot: Guid.NewGuid());
        string state = ModelNode.DumpStore(left.User, left.Tree, TreeUser.Root);
        Assert.True(work.States.Skip(work.Synced).Contains(state), $"{where}: the power loss leaves state {work.States.ToList().IndexOf(state)}, {work.Synced} was synced");
        left.IsClean();
        return disk.Calls;
    }
}

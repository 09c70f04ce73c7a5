using ClawFS.Fuse;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Dispatch;

public sealed class StatisticsTests
{
    [Fact]
    public void Requests_errors_and_parked_time_are_counted_by_kind()
    {
        WaitingTree tree = new();
        using Harness harness = new(tree);
        harness.Fails(Errno.ENOENT, FuseOpcode.Lookup, 1, "a");
        harness.Fails(Errno.ENOENT, FuseOpcode.Lookup, 1, "b");
        harness.Must(FuseOpcode.StatFs, 1);
        harness.Fails(Errno.ENOSYS, (FuseOpcode)999, 1);
        Assert.Null(harness.Ask(FuseOpcode.Fsync, 1, 0UL, 0u, 0u));
        Assert.DoesNotContain(harness.Statistics.Snapshot(), o => o.Opcode == FuseOpcode.Fsync);
        tree.Waiting!.Complete(Errno.EIO);
        Dictionary<FuseOpcode, FuseOperation> all = harness.Statistics.Snapshot().ToDictionary(o => o.Opcode);
        Assert.Equal((2, 2), (all[FuseOpcode.Lookup].Count, all[FuseOpcode.Lookup].Errors));
        Assert.Equal((1, 0), (all[FuseOpcode.StatFs].Count, all[FuseOpcode.StatFs].Errors));
        Assert.Equal((1, 1), (all[FuseOpcode.Fsync].Count, all[FuseOpcode.Fsync].Errors));
        Assert.Equal((1, 1), (all[FuseOpcode.None].Count, all[FuseOpcode.None].Errors));
        Assert.True(all[FuseOpcode.Fsync].Time > TimeSpan.Zero);
        Assert.Equal(4, all.Count);
    }

    private sealed class WaitingTree : NodeTree
    {
        public ParkedRequest? Waiting { get; private set; }

        public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly)
        {
            Waiting = request.Park();
            return ClawFS.Vfs.Vfs.Parked;
        }
    }
}

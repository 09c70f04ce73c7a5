using ClawFS.Fuse;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using Fuse.Tests.Memory;
using static Fuse.Tests.Dispatch.RequestBytes;

namespace Fuse.Tests.Dispatch;

public sealed class AllocationTests
{
    [Fact]
    public void The_hot_requests_allocate_nothing()
    {
        NullSink sink = new();
        using Harness harness = new(new MemoryTree(), sink);
        harness.Dispatch(Make(FuseOpcode.Create, 2, 1, 0x8042, 0x81A4u, 0u, 0u, "file"));
        harness.Dispatch(Make(FuseOpcode.Write, 2, 2, 0UL, 0UL, 4096u, 1u, 0UL, 0u, 0u, new byte[4096]));
        (FuseOpcode Opcode, byte[] Bytes)[] requests =
        [
            (FuseOpcode.Lookup, Make(FuseOpcode.Lookup, 2, 1, "file")),
            (FuseOpcode.Lookup, Make(FuseOpcode.Lookup, 2, 1, "missing")),
            (FuseOpcode.GetAttr, Make(FuseOpcode.GetAttr, 2, 2, 0u, 0u, 0UL)),
            (FuseOpcode.SetAttr, Make(FuseOpcode.SetAttr, 2, 2, 1u, 0u, new byte[80])),
            (FuseOpcode.Open, Make(FuseOpcode.Open, 2, 2, 0x8000, 0u)),
            (FuseOpcode.Read, Make(FuseOpcode.Read, 2, 2, 0UL, 0UL, 4096u, 0u, 0UL, 0u, 0u)),
            (FuseOpcode.Write, Make(FuseOpcode.Write, 2, 2, 0UL, 0UL, 4096u, 1u, 0UL, 0u, 0u, new byte[4096])),
            (FuseOpcode.Flush, Make(FuseOpcode.Flush, 2, 2, 0UL, 0u, 0u, 0UL)),
            (FuseOpcode.Release, Make(FuseOpcode.Release, 2, 2, 0UL, 0x8000, 0u, 0UL)),
            (FuseOpcode.Forget, Make(FuseOpcode.Forget, 2, 2, 1UL)),
            (FuseOpcode.StatFs, Make(FuseOpcode.StatFs, 2, 1)),
            (FuseOpcode.Statx, Make(FuseOpcode.Statx, 2, 2, 0u, 0u, 0UL, 0u, 0xFFFu)),
        ];
        foreach ((FuseOpcode opcode, byte[] request) in requests)
        {
            Run(harness, request, 100);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(harness, request, 1000);
            Assert.True(before == GC.GetAllocatedBytesForCurrentThread(), $"{opcode} allocates.");
        }

        Assert.True(sink.Sent > 11_000);
        Assert.Empty(harness.Bugs);
    }

    private static void Run(Harness harness, byte[] request, int times)
    {
        for (int i = 0; i < times; i++)
        {
            harness.Dispatch(request);
        }
    }

    private sealed class NullSink : ReplySink
    {
        public int Sent { get; private set; }

        internal override Errno Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        {
            Sent++;
            return Errno.Ok;
        }
    }
}

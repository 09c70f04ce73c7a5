using ClawFS.Linux;

namespace ClawFS.Store.Tests.Ops;

public sealed class AllocationTests : IDisposable
{
    private readonly StoreFixture store = new();
    private readonly TreeUser user;
    private readonly ulong file;

    public AllocationTests()
    {
        user = store.User;
        file = user.File(TreeUser.Root, "file");
        user.Write(file, 0, new byte[4 << 20]);
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void Reading_and_writing_allocate_nothing_in_steady_state(int length)
    {
        byte[] buffer = new byte[length];
        LocalRequest request = user.Request;
        Assert.Equal(0, Allocations.Of(() => Assert.True(store.Tree.Read(request, file, 0, 8192, buffer, out _) == Errno.Ok)));
        Assert.Equal(0, Allocations.Of(() => Assert.True(store.Tree.Write(request, file, 0, 8192, buffer, false, false, out _) == Errno.Ok)));
        Assert.Equal(0, Allocations.Of(() => Assert.True(store.Tree.Write(request, file, 0, 777, buffer, false, false, out _) == Errno.Ok)));
    }

    [Fact]
    public void Writes_grow_the_maps_by_little_on_average()
    {
        byte[] buffer = new byte[4096];
        using Lock.Scope pause = store.Store.Checkpoints.Pause();
        const int Writes = 4096;
        for (ulong i = 0; i < Writes; i++)
        {
            user.Write(file, i * 7919 % Writes * 4096, buffer);
        }
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (ulong i = 0; i < Writes; i++)
        {
            Assert.True(store.Tree.Write(user.Request, file, 0, i * 6007 % Writes * 4096, buffer, false, false, out _) == Errno.Ok);
        }
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Writes;
        Assert.InRange(each, 0, 120);
    }

    [Fact]
    public void Looking_allocates_nothing()
    {
        LocalRequest request = user.Request;
        byte[] name = "file"u8.ToArray();
        byte[] none = "none"u8.ToArray();
        Assert.Equal(0, Allocations.Of(() => Assert.True(store.Tree.GetAttr(request, file, 0, out _, out _) == Errno.Ok)));
        Assert.Equal(0, Allocations.Of(() => Assert.True(store.Tree.Lookup(request, TreeUser.Root, name, out _) == Errno.Ok)));
        Assert.Equal(0, Allocations.Of(() => Assert.True(store.Tree.Lookup(request, TreeUser.Root, none, out _) == Errno.Ok)));
    }

    public void Dispose() => store.Dispose();
}

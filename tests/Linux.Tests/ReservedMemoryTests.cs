namespace ClawFS.Linux.Tests;

public sealed unsafe class ReservedMemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_grows_in_place_and_comes_zeroed(bool hugePages)
    {
        using ReservedMemory memory = new(1L << 34, hugePages);
        byte* first = memory.Address;
        memory.Commit(100);
        first[99] = 7;
        memory.Commit(50 << 20);
        Assert.Equal((nint)first, (nint)memory.Address);
        Assert.Equal(7, first[99]);
        Assert.Equal(0, first[(50 << 20) - 1]);
        Assert.True(memory.Committed >= 50 << 20);
        Assert.Equal(0, (nint)first % (hugePages ? 2 << 20 : 4096));
    }

    [Fact]
    public void More_than_was_reserved_is_refused()
    {
        using ReservedMemory memory = new(1 << 20, hugePages: false);
        Assert.Throws<OutOfMemoryException>(() => memory.Commit((1 << 20) + 1));
        memory.Commit(1 << 20);
        memory.Address[(1 << 20) - 1] = 1;
    }

    [Fact]
    public void A_reservation_takes_no_memory_until_it_is_touched()
    {
        using ReservedMemory memory = new(1L << 40, hugePages: false);
        long before = Environment.WorkingSet;
        memory.Commit(1L << 33);
        Assert.True(Environment.WorkingSet - before < 1L << 30);
    }
}

using ClawFS.Search.Index;

namespace ClawFS.Search.Tests.Index;

public sealed class ChangeQueueTests
{
    private readonly ChangeQueue queue = new();

    [Fact]
    public void A_file_that_changes_again_and_again_is_looked_at_twice_a_second()
    {
        int looks = 0;
        for (long now = 0; now < 10_000; now += 10)
        {
            queue.Add(7, now);
            looks += queue.TryTake(now, out ulong inode, out _) && inode == 7 ? 1 : 0;
        }
        Assert.Equal(20, looks);
        Assert.True(queue.TryTake(20_000, out _, out _));
        Assert.False(queue.TryTake(20_000, out _, out long wait));
        Assert.Equal(-1, wait);
    }

    [Fact]
    public void A_file_waits_once_and_others_do_not_wait_for_it()
    {
        queue.Add(1, 0);
        queue.Add(1, 0);
        Assert.True(queue.TryTake(0, out _, out _));
        queue.Add(1, 1);
        queue.Add(2, 2);
        Assert.Equal(2, queue.Count);
        Assert.True(queue.TryTake(2, out ulong inode, out _));
        Assert.Equal(2UL, inode);
        Assert.False(queue.TryTake(3, out _, out long wait));
        Assert.Equal(ChangeQueue.Pause - 3, wait);
        Assert.True(queue.TryTake(ChangeQueue.Pause, out inode, out _));
        Assert.Equal(1UL, inode);
    }
}

using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class RowBatchTests
{
    [Fact]
    public void The_last_change_of_a_row_wins()
    {
        var batch = new RowBatch();
        batch.Put(5, RowKind.Inode, [1, 2, 3]);
        batch.Put(5, RowKind.TreeLeaf, [4, 5]);
        batch.Put(6, RowKind.Inode, [6]);
        batch.Put(6, RowKind.Inode, [7, 8, 9]);
        batch.Put(7, RowKind.Inode, [1]);
        batch.Delete(7);
        batch.Delete(4);
        batch.Put(4, RowKind.Segment, [2]);
        Assert.Equal([4UL, 5UL, 6UL, 7UL], batch.SortedIds());
        Assert.Equal(RowKind.TreeLeaf, batch[5].Kind);
        Assert.Equal([4, 5], batch.PlaintextOf(batch[5]).ToArray());
        Assert.Equal([7, 8, 9], batch.PlaintextOf(batch[6]).ToArray());
        Assert.True(batch[7].IsDelete);
        Assert.Equal([2], batch.PlaintextOf(batch[4]).ToArray());
    }

    [Fact]
    public void A_cleared_batch_is_empty_and_can_be_filled_again()
    {
        var batch = new RowBatch();
        batch.Put(5, RowKind.Inode, new byte[100_000]);
        batch.Clear();
        Assert.Equal((0, 0), (batch.Count, batch.Bytes));
        batch.Put(5, RowKind.Inode, [1]);
        Assert.Equal([1], batch.PlaintextOf(batch[5]).ToArray());
    }
}

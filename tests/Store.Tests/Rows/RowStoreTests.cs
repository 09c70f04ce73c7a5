using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class RowStoreTests : IDisposable
{
    private readonly RowFixture fixture = new();

    public void Dispose() => fixture.Dispose();

    [Fact]
    public void A_row_comes_back_after_reopening()
    {
        fixture.Put(100, [1, 2, 3]);
        fixture.Reopen();
        Assert.Equal([1, 2, 3], fixture.Get(100));
        Assert.Equal("head"u8.ToArray(), fixture.Rows.Head);
        Assert.Equal(1, fixture.Rows.Count);
        Assert.Equal(2UL, fixture.Rows.CommitCounter);
    }

    [Fact]
    public void A_row_comes_back_when_the_store_was_not_closed()
    {
        fixture.Put(100, [1, 2, 3]);
        fixture.Reopen(orderly: false);
        Assert.Equal([1, 2, 3], fixture.Get(100));
    }

    [Fact]
    public void A_new_store_has_the_first_head_and_no_rows()
    {
        Assert.Equal("first"u8.ToArray(), fixture.Rows.Head);
        Assert.Null(fixture.Get(2));
        Assert.Empty(fixture.Rows.Ids());
        Assert.Equal("ok", fixture.Rows.CheckFile());
    }

    [Fact]
    public void A_deleted_row_is_gone_and_its_id_can_be_used_again()
    {
        fixture.Put(7, [1]);
        var batch = new RowBatch();
        batch.Delete(7);
        batch.Delete(8);
        batch.Delete(RowIds.End - 1);
        fixture.Rows.Commit(batch, default);
        Assert.Null(fixture.Get(7));
        Assert.Equal(0, fixture.Rows.Count);
        fixture.Put(7, [2]);
        fixture.Reopen();
        Assert.Equal([2], fixture.Get(7));
    }

    [Fact]
    public void Ids_that_lie_far_apart_grow_the_tree_and_stay_readable()
    {
        ulong[] ids = [2, 511, 512, 513, 1 << 18, (1 << 18) - 1, 1UL << 27, 1UL << 45, RowIds.End - 1];
        foreach (ulong id in ids)
            fixture.Put(id, BitConverter.GetBytes(id));
        fixture.Reopen();
        foreach (ulong id in ids)
            Assert.Equal(BitConverter.GetBytes(id), fixture.Get(id));
        Assert.Equal(ids.Order(), fixture.Rows.Ids());
        Assert.Empty(fixture.Rows.Strays());
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(1UL << 54)]
    public void Ids_outside_of_the_range_are_refused(ulong id) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowBatch().Put(id, RowKind.Inode, [1]));

    [Fact]
    public void Rows_of_many_sizes_come_back_whole()
    {
        int[] sizes = [0, 1, 23, 4061, 4096, 65536, 1 << 20];
        var batch = new RowBatch();
        foreach (int size in sizes)
            batch.Put((ulong)size + 2, RowKind.TreeLeaf, Pattern(size));
        fixture.Rows.Commit(batch, default);
        foreach (int size in sizes)
            Assert.Equal(Pattern(size), fixture.Get((ulong)size + 2, RowKind.TreeLeaf));
    }

    [Fact]
    public void Reading_into_a_buffer_that_is_large_enough_allocates_nothing()
    {
        fixture.Put(3, Pattern(300));
        fixture.Reopen();
        byte[] buffer = new byte[512];
        Assert.Equal(0, Allocations.Of(() => fixture.Rows.Read(3, RowKind.Inode, ref buffer, out _)));
    }

    [Fact]
    public void A_read_only_store_can_be_read_and_not_written()
    {
        fixture.Put(3, [9]);
        fixture.Reopen(readOnly: true);
        Assert.Equal([9], fixture.Get(3));
        var refused = Assert.Throws<StoreException>(() => fixture.Put(3, [1]));
        Assert.Equal(Errno.EROFS, refused.Error);
        fixture.Rows.Close();
    }

    [Fact]
    public void Opening_read_only_changes_no_file()
    {
        fixture.Put(3, [9]);
        fixture.Shut();
        Dictionary<string, byte[]> before = Snapshot();
        fixture.ReopenAfterShut(readOnly: true);
        Assert.Equal([9], fixture.Get(3));
        fixture.Rows.Dispose();
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public void A_store_works_on_when_its_path_cannot_be_walked_any_more()
    {
        fixture.Put(3, [9]);
        fixture.Reopen();
        fixture.Scratch.Move();
        for (ulong i = 0; i < 3000; i++)
            fixture.Put(10 + i % 50, Pattern(3000));
        Assert.Equal([9], fixture.Get(3));
        fixture.Reopen();
        Assert.Equal(Pattern(3000), fixture.Get(59));
    }

    [Fact]
    public void Nothing_of_a_row_is_readable_in_the_files()
    {
        byte[] secret = "the quick brown fox jumps over"u8.ToArray();
        fixture.Put(3, secret);
        foreach (byte[] file in Snapshot().Values)
            Assert.Equal(-1, file.AsSpan().IndexOf(secret.AsSpan(0, 8)));
        fixture.Shut();
        foreach (byte[] file in Snapshot().Values)
            Assert.Equal(-1, file.AsSpan().IndexOf(secret.AsSpan(0, 8)));
    }

    [Fact]
    public void Free_pages_go_back_to_the_disk()
    {
        var batch = new RowBatch();
        for (ulong id = 2; id < 2000; id++)
            batch.Put(id, RowKind.Inode, Pattern(1000));
        fixture.Rows.Commit(batch, default);
        batch.Clear();
        for (ulong id = 2; id < 2000; id++)
            batch.Delete(id);
        fixture.Rows.Commit(batch, default);
        long free = fixture.Rows.FreePages;
        Assert.InRange(free, 400, 1000);
        fixture.Rows.ReturnPages((int)free);
        Assert.Equal(0, fixture.Rows.FreePages);
        fixture.Shut();
        Assert.InRange(new FileInfo(fixture.Scratch.File(SqliteRows.FileName)).Length, 4096, 65536);
    }

    private Dictionary<string, byte[]> Snapshot() =>
        Directory.GetFiles(fixture.Scratch.Path).ToDictionary(static f => f, File.ReadAllBytes);

    private static byte[] Pattern(int length) => [.. Enumerable.Range(0, length).Select(static i => (byte)(i * 7))];
}

using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Rows;

public sealed class RowFailureTests
{
    [Fact]
    public void A_commit_that_finds_the_file_full_changes_nothing_and_can_be_repeated()
    {
        using var fixture = new RowFixture();
        fixture.Put(10, [1]);
        RowBatch batch = Large();
        fixture.Rows.LimitPages(60);
        var refused = Assert.Throws<StoreException>(() => fixture.Rows.Commit(batch, "new"u8));
        Assert.Equal(Errno.ENOSPC, refused.Error);
        AssertOld(fixture.Rows);
        fixture.Rows.LimitPages(100_000);
        fixture.Rows.Commit(batch, "new"u8);
        AssertNew(fixture.Rows);
        fixture.Reopen();
        AssertNew(fixture.Rows);
    }

    [Fact]
    public void A_commit_on_a_full_disk_changes_nothing_and_can_be_repeated_when_there_is_space()
    {
        using var disk = new TinyDisk(16);
        using SecretKey key = SecretKey.Random();
        using Folder folder = Folder.Open(disk.Path);
        var id = Guid.NewGuid();
        RowBatch batch = Large();
        using (RowStore rows = RowStore.Create(folder, disk.Path, key, id, default))
        {
            var first = new RowBatch();
            first.Put(10, RowKind.Inode, [1]);
            rows.Commit(first, "head"u8);
            foreach (int leave in (int[])[0, 4096, 65536, 300_000])
            {
                disk.Fill(leave);
                var refused = Assert.Throws<StoreException>(() => rows.Commit(batch, "new"u8));
                Assert.Equal(Errno.ENOSPC, refused.Error);
                AssertOld(rows);
                disk.Empty();
            }
        }
        using RowStore again = RowStore.Open(folder, disk.Path, key, id);
        AssertOld(again);
        again.Commit(batch, "new"u8);
        AssertNew(again);
    }

    [Fact]
    public void A_second_create_in_the_same_folder_is_refused()
    {
        using var fixture = new RowFixture();
        using SecretKey key = SecretKey.Random();
        var refused = Assert.Throws<StoreException>(() => RowStore.Create(fixture.Folder, fixture.Scratch.Path, key, Guid.NewGuid(), default));
        Assert.Equal(Errno.EEXIST, refused.Error);
    }

    private static RowBatch Large()
    {
        var batch = new RowBatch();
        batch.Delete(10);
        for (ulong id = 11; id < 600; id++)
            batch.Put(id, RowKind.Inode, new byte[1000]);
        return batch;
    }

    private static void AssertOld(RowStore rows)
    {
        byte[] buffer = [];
        Assert.True(rows.Read(10, RowKind.Inode, ref buffer, out _));
        Assert.False(rows.Read(11, RowKind.Inode, ref buffer, out _));
        Assert.Equal([10UL], rows.Ids());
        Assert.Equal("head"u8.ToArray(), rows.Head);
        Assert.Equal((2UL, 1L), (rows.CommitCounter, rows.Count));
    }

    private static void AssertNew(RowStore rows)
    {
        byte[] buffer = [];
        Assert.False(rows.Read(10, RowKind.Inode, ref buffer, out _));
        Assert.True(rows.Read(599, RowKind.Inode, ref buffer, out int length));
        Assert.Equal(1000, length);
        Assert.Equal("new"u8.ToArray(), rows.Head);
        Assert.Equal((3UL, 589L), (rows.CommitCounter, rows.Count));
    }
}

using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;
using ClawFS.Store.Tests.Maps;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Formats;

/// <summary>The plaintext of rows and records that docs/storage-format.md promises, which a program of its own has computed.</summary>
public sealed class ObjectVectorTests
{
    private static readonly Timestamp Modified = new(1700000002, 2), Changed = new(1700000003, 3);
    private static readonly Extent Run = new(0, 3, 0x20, 64, 64 + 2 * 4096 + 100, 100);

    [Fact]
    public void An_inode_has_the_promised_bytes()
    {
        var inode = new Inode(17, new PageRows())
        {
            Mode = 0x81A4,
            Nlink = 2,
            Uid = 1000,
            Gid = 1001,
            Size = 8292,
            StoredBlocks = 3,
            Atime = new(1700000001, 1),
            Mtime = Modified,
            Ctime = Changed,
            Btime = new(-1, 999999999),
            Parent = 2,
            NameKey = 0x1122334455667788,
            Salt = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)],
            Xattrs = new(StringComparer.Ordinal) { ["user.a"] = "b"u8.ToArray() },
        };
        inode.Map.Set(0, Convert.FromHexString("03000000200000000000000040000000A42000006400"));
        var row = new SpanWriter(64);
        inode.Snapshot(new RowBatch(), row);
        Assert.Equal(FormatPage.Vector("inode"), row.Written.ToArray());
    }

    [Fact]
    public void The_promised_bytes_of_an_inode_are_understood()
    {
        Inode inode = Inode.Parse(17, FormatPage.Vector("inode"), new PageRows());
        Assert.Equal((8292UL, 3UL, Modified, new Timestamp(-1, 999999999)), (inode.Size, inode.StoredBlocks, inode.Mtime, inode.Btime));
        Assert.Equal("b"u8.ToArray(), inode.Xattrs!["user.a"]);
        Assert.True(Extents.TryFrom(inode, 1, out Extent extent));
        Assert.Equal(Run, extent);
    }

    [Fact]
    public void A_content_record_has_the_promised_bytes()
    {
        var record = new SpanWriter(64);
        record.U64(7);
        new DataChange { Inode = 17, Size = 8292, Mode = 0x1A4, Mtime = Modified, Ctime = Changed, Extents = [Run] }.Encode(record);
        Assert.Equal(FormatPage.Vector("content record"), record.Written.ToArray());
    }
}

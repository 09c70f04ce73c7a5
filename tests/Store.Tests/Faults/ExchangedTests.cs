using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Faults;

/// <summary>Sound ciphertext of this very store at another place: EIO and found by fsck, never the other content.</summary>
public sealed class ExchangedTests : IDisposable
{
    private const int Length = 10 * Extent.BlockSize;
    private readonly StoreFixture store = new();
    private readonly ulong first, second;

    public ExchangedTests()
    {
        first = Make("first", 1);
        store.Reopen();
        second = Make("second", 2);
        store.Store.Commit();
    }

    [Fact]
    public void Two_blocks_of_a_file_exchanged_are_EIO_and_the_others_are_read()
    {
        Extent extent = ExtentOf(first);
        Exchange(extent, extent.Slice(3, 4));
        Refused(first, 0, 3);
        Refused(second);
        Assert.Equal(2, store.Check().Problems.Count(p => p.Code == FsckCode.BlockDamaged && p.Object == first));
    }

    [Fact]
    public void Blocks_of_two_files_exchanged_are_EIO_in_both()
    {
        (Extent one, Extent two) = (ExtentOf(first), ExtentOf(second));
        Assert.NotEqual(one.Segment, two.Segment);
        Exchange(one, two);
        Refused(first, 0);
        Refused(second, 0);
        Assert.Equal(2, store.Check().Problems.Count);
    }

    [Fact]
    public void Segment_files_exchanged_are_refused_by_name()
    {
        string[] files = [Segment(ExtentOf(first).Segment), Segment(ExtentOf(second).Segment)];
        store.Reopen(() =>
        {
            File.Move(files[0], files[0] + ".x");
            File.Move(files[1], files[0]);
            File.Move(files[0] + ".x", files[1]);
        });
        Refused(first, [.. Enumerable.Range(0, 10)]);
        Refused(second, [.. Enumerable.Range(0, 10)]);
        Assert.Equal(2, store.Check().Problems.Count(static p => p.Code == FsckCode.SegmentFile));
    }

    [Fact]
    public void A_block_copied_over_another_is_EIO()
    {
        Extent extent = ExtentOf(first);
        byte[] bytes = File.ReadAllBytes(Segment(extent.Segment));
        Extent to = extent.Slice(5, 6);
        bytes.AsSpan((int)extent.Offset, Extent.BlockSize).CopyTo(bytes.AsSpan((int)to.Offset));
        bytes.AsSpan((int)extent.Tags, Extent.TagSize).CopyTo(bytes.AsSpan((int)to.Tags));
        store.Reopen(() => File.WriteAllBytes(Segment(extent.Segment), bytes));
        Refused(first, 5);
        Refused(second);
    }

    public void Dispose() => store.Dispose();

    private ulong Make(string name, int seed)
    {
        ulong file = store.User.File(TreeUser.Root, name);
        store.User.Write(file, 0, Content(seed));
        return file;
    }

    private static byte[] Content(int seed)
    {
        byte[] bytes = new byte[Length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private Extent ExtentOf(ulong file)
    {
        using InodeLease lease = store.Store.State.Cache.Pin(file);
        Assert.True(Extents.TryFrom(lease.Inode, 0, out Extent extent));
        return extent;
    }

    private string Segment(ulong id) => store.File("seg", id.ToString("x16", null));

    /// <summary>Exchanges the first blocks of two extents, and their tags.</summary>
    private void Exchange(in Extent one, in Extent other)
    {
        Exchange(one.Segment, one.Offset, other.Segment, other.Offset, Extent.BlockSize);
        Exchange(one.Segment, one.Tags, other.Segment, other.Tags, Extent.TagSize);
    }

    private void Exchange(ulong segment, long offset, ulong otherSegment, long otherOffset, int length)
    {
        using FileStream one = Open(segment), other = Open(otherSegment);
        byte[] a = new byte[length], b = new byte[length];
        (one.Position, other.Position) = (offset, otherOffset);
        one.ReadExactly(a);
        other.ReadExactly(b);
        (one.Position, other.Position) = (offset, otherOffset);
        one.Write(b);
        other.Write(a);
    }

    private FileStream Open(ulong segment) => new(Segment(segment), System.IO.FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>The given blocks of a file are EIO, all others are what was written.</summary>
    private void Refused(ulong file, params int[] blocks)
    {
        byte[] content = Content(file == first ? 1 : 2);
        byte[] buffer = new byte[Extent.BlockSize];
        for (int i = 0; i < Length / Extent.BlockSize; i++)
        {
            Errno error = store.Tree.Read(store.User.Request, file, 0, (ulong)(i * Extent.BlockSize), buffer, out int count);
            Assert.Equal(blocks.Contains(i) ? Errno.EIO : Errno.Ok, error);
            Assert.True(error != Errno.Ok || (count == buffer.Length && content.AsSpan(i * Extent.BlockSize, count).SequenceEqual(buffer)), $"block {i} is something else");
        }
    }
}

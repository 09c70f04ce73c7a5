using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store.Tests.Ops;

public sealed class ContentTests : IDisposable
{
    private const int Block = 4096;
    private const int SeekData = 3, SeekHole = 4;
    private const uint KeepSize = 1, PunchHole = 2, ZeroRange = 0x10;

    private readonly StoreFixture store = new();
    private readonly TreeUser user;
    private readonly ulong file;

    public ContentTests()
    {
        user = store.User;
        file = user.File(TreeUser.Root, "f");
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(4095, 2)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 12_000)]
    [InlineData(100_000, 1 << 20)]
    [InlineData(3, (1 << 20) + 5000)]
    public void What_is_written_is_read_again_before_and_after_a_reopen(int offset, int length)
    {
        byte[] data = Pattern(length, 1);
        user.Write(file, (ulong)offset, data);
        byte[] expected = [.. new byte[offset], .. data];
        Assert.Equal(expected, ReadInPieces(file));
        store.Reopen();
        Assert.Equal(expected, ReadInPieces(store.User.Peek(TreeUser.Root, "f")));
    }

    [Fact]
    public void Overwriting_at_odd_offsets_keeps_what_stands_beside()
    {
        byte[] model = Pattern(3 * Block + 77, 2);
        user.Write(file, 0, model);
        foreach ((int at, int length) in new[] { (1, 1), (4000, 200), (Block, Block), (2 * Block + 5, 90), (3 * Block + 70, 7), (0, 3 * Block), (10, 3 * Block) })
        {
            byte[] piece = Pattern(length, at);
            user.Write(file, (ulong)at, piece);
            piece.CopyTo(model, at);
            Assert.Equal(model, user.ReadAll(file));
        }
    }

    [Fact]
    public void A_read_behind_the_end_is_empty_and_one_across_it_is_short()
    {
        user.Write(file, 0, Pattern(5000, 3));
        Assert.Empty(user.Read(file, 5000, 10));
        Assert.Empty(user.Read(file, 1 << 30, 10));
        Assert.Equal(Pattern(5000, 3)[4990..], user.Read(file, 4990, 4096));
    }

    [Theory]
    [InlineData(5000, 100)]
    [InlineData(5000, 4096)]
    [InlineData(5000, 4097)]
    [InlineData(12288, 8191)]
    [InlineData(12288, 0)]
    public void Shrinking_and_growing_again_shows_zeros(int length, int cut)
    {
        user.Write(file, 0, Pattern(length, 4));
        Assert.Equal(Errno.Ok, user.Truncate(file, (ulong)cut));
        Assert.Equal(Errno.Ok, user.Truncate(file, (ulong)length + 5000));
        byte[] expected = [.. Pattern(length, 4).AsSpan(0, cut), .. new byte[length - cut + 5000]];
        Assert.Equal(expected, user.ReadAll(file));
        store.Reopen();
        Assert.Equal(expected, store.User.ReadAll(store.User.Peek(TreeUser.Root, "f")));
    }

    [Fact]
    public void A_file_of_16_TiB_takes_little_space_and_nothing_goes_beyond()
    {
        const ulong Largest = 1UL << 44;
        user.Write(file, Largest - 3, "end"u8);
        Assert.Equal(Largest, user.Attr(file).Size);
        Assert.Equal("end"u8.ToArray(), user.Read(file, Largest - 3, 10));
        Assert.All(user.Read(file, Largest / 2, 5000), b => Assert.Equal(0, b));
        Assert.True(user.Attr(file).Blocks <= 16);
        Assert.Equal(Errno.EFBIG, store.Tree.Write(user.Request, file, 0, Largest, new byte[1], false, false, out _));
        Assert.Equal(Errno.EFBIG, user.Truncate(file, Largest + 1));
        Assert.Equal(Errno.EFBIG, user.Fallocate(file, Largest - 10, 11, 0));
        Assert.Equal(Errno.Ok, user.Truncate(file, Largest));
        store.Reopen();
        Assert.Equal("end"u8.ToArray(), store.User.Read(store.User.Peek(TreeUser.Root, "f"), Largest - 3, 10));
    }

    [Fact]
    public void Seek_tells_data_from_holes()
    {
        user.Write(file, 2 * Block, new byte[Block]);
        user.Write(file, 5 * Block, new byte[10]);
        Assert.Equal(Errno.Ok, user.Truncate(file, 9 * Block));
        Assert.Equal((ulong)(2 * Block), user.Seek(file, 0, SeekData));
        Assert.Equal((ulong)(2 * Block + 5), user.Seek(file, 2 * Block + 5, SeekData));
        Assert.Equal((ulong)(5 * Block), user.Seek(file, 3 * Block, SeekData));
        Assert.Null(user.Seek(file, 6 * Block, SeekData));
        Assert.Equal(0UL, user.Seek(file, 0, SeekHole));
        Assert.Equal((ulong)(3 * Block), user.Seek(file, 2 * Block + 1, SeekHole));
        Assert.Equal((ulong)(7 * Block), user.Seek(file, 7 * Block, SeekHole));
        Assert.Null(user.Seek(file, 9 * Block, SeekHole));
        Assert.Null(user.Seek(file, 9 * Block, SeekData));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(10, 4000)]
    [InlineData(100, 8000)]
    [InlineData(4096, 8192)]
    [InlineData(4000, 12_000)]
    [InlineData(0, 20_000)]
    [InlineData(16_000, 90_000)]
    public void Punched_and_zeroed_ranges_read_as_zeros_and_whole_blocks_become_holes(int offset, int length)
    {
        foreach (uint mode in new[] { PunchHole | KeepSize, ZeroRange | KeepSize })
        {
            byte[] model = Pattern(18_000, 5);
            user.Write(file, 0, model);
            Assert.Equal(Errno.Ok, user.Fallocate(file, (ulong)offset, (ulong)length, mode));
            model.AsSpan(offset, Math.Min(length, model.Length - offset)).Clear();
            Assert.Equal(model, user.ReadAll(file));
            int holes = Math.Max(0, (offset + length >= model.Length ? 5 : (offset + length) / Block) - (offset + Block - 1) / Block);
            Assert.Equal((ulong)(5 - holes) * 8, user.Attr(file).Blocks);
        }
    }

    [Fact]
    public void Fallocate_grows_unless_told_to_keep_the_size()
    {
        Assert.Equal(Errno.Ok, user.Fallocate(file, 0, 10_000, KeepSize));
        Assert.Equal(0UL, user.Attr(file).Size);
        Assert.Equal(Errno.Ok, user.Fallocate(file, 100, 10_000, 0));
        Assert.Equal(10_100UL, user.Attr(file).Size);
        Assert.Equal(Errno.Ok, user.Fallocate(file, 9_000, 10_000, ZeroRange));
        Assert.Equal(19_000UL, user.Attr(file).Size);
        Assert.Equal(Errno.EINVAL, user.Fallocate(file, 0, 0, 0));
        Assert.Equal(Errno.EOPNOTSUPP, user.Fallocate(file, 0, 1, PunchHole));
        Assert.Equal(Errno.EOPNOTSUPP, user.Fallocate(file, 0, 1, 8));
        ulong folder = user.Folder(TreeUser.Root, "d");
        Assert.Equal(Errno.EISDIR, user.Fallocate(folder, 0, 1, 0));
    }

    [Fact]
    public void Copying_a_range_copies_the_bytes_and_stops_at_the_end()
    {
        byte[] data = Pattern(100_000, 6);
        user.Write(file, 0, data);
        ulong other = user.File(TreeUser.Root, "g");
        Assert.Equal(Errno.Ok, store.Tree.CopyFileRange(user.Request, file, 0, 1234, other, 0, 777, 1_000_000, out uint count));
        Assert.Equal((uint)(data.Length - 1234), count);
        Assert.Equal([.. new byte[777], .. data.AsSpan(1234)], user.ReadAll(other));
        Assert.Equal(Errno.Ok, store.Tree.CopyFileRange(user.Request, file, 0, 500_000, other, 0, 0, 10, out count));
        Assert.Equal(0u, count);
        user.Write(file, 9 << 20, new byte[1]);
        Assert.Equal(Errno.Ok, store.Tree.CopyFileRange(user.Request, file, 0, 0, other, 0, 0, 20 << 20, out count));
        Assert.InRange(count, 1u, 9u << 20);
    }

    [Fact]
    public void Writing_beside_a_short_last_block_leaves_zeros_between()
    {
        user.Write(file, 0, Pattern(100, 7));
        user.Write(file, 3 * Block, Pattern(Block, 8));
        user.Write(file, Block - 10, Pattern(20, 9));
        byte[] model = new byte[4 * Block];
        Pattern(100, 7).CopyTo(model, 0);
        Pattern(Block, 8).CopyTo(model, 3 * Block);
        Pattern(20, 9).CopyTo(model, Block - 10);
        Assert.Equal(model, user.ReadAll(file));
    }

    [Fact]
    public void Folders_and_links_are_no_files_to_read_write_or_truncate()
    {
        ulong folder = user.Folder(TreeUser.Root, "d");
        ulong link = user.Link(TreeUser.Root, "l", "f");
        Assert.Equal(Errno.EISDIR, store.Tree.Read(user.Request, folder, 0, 0, new byte[10], out _));
        Assert.Equal(Errno.EINVAL, store.Tree.Read(user.Request, link, 0, 0, new byte[10], out _));
        Assert.Equal(Errno.EBADF, store.Tree.Write(user.Request, folder, 0, 0, new byte[10], false, false, out _));
        Assert.Equal(Errno.EISDIR, user.Truncate(folder, 0));
        Assert.Equal(Errno.EINVAL, user.Truncate(link, 0));
    }

    [Fact]
    public void Opening_with_truncate_empties_the_file()
    {
        user.Write(file, 0, Pattern(5000, 1));
        Assert.Equal(Errno.Ok, store.Tree.Open(user.Request, file, 0x201, false, out OpenReply reply));
        Assert.Equal(0UL, reply.Handle);
        Assert.Equal(0UL, user.Attr(file).Size);
        Assert.Equal(0UL, user.Attr(file).Blocks);
    }

    public void Dispose() => store.Dispose();

    private byte[] ReadInPieces(ulong node)
    {
        TreeUser now = store.User;
        var all = new List<byte>();
        for (ulong at = 0; ; at += 100_003)
        {
            byte[] piece = now.Read(node, at, 100_003);
            if (piece.Length == 0)
            {
                return [.. all];
            }
            all.AddRange(piece);
        }
    }

    private static byte[] Pattern(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

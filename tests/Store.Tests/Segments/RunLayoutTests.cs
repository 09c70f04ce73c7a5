using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Commit;
using ClawFS.Store.Tests.Maps;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Segments;

/// <summary>Where blocks and tags lie, and that they are found there whatever has been written over.</summary>
public sealed class RunLayoutTests(ITestOutputHelper output) : IDisposable
{
    private const int Block = Extent.BlockSize;

    private readonly StoreFixture store = new();

    [Fact]
    public void A_run_of_32_blocks_starts_on_a_page_with_its_tags_behind_it()
    {
        ulong file = Make("f", 40 * Block, out _);
        Extent run = Assert.Single(ExtentsOf(file));
        Assert.Equal((0u, true, 40u), (run.Offset % Block, run.IsWhole, run.Count));
    }

    [Fact]
    public void Smaller_runs_stand_wherever_the_one_before_ends()
    {
        Extent first = Assert.Single(ExtentsOf(Make("first", 31 * Block, out _)));
        Extent second = Assert.Single(ExtentsOf(Make("second", 100, out _)));
        Assert.Equal((64u, first.Offset + (uint)first.SealedBytes), (first.Offset, second.Offset));
    }

    [Fact]
    public void Holes_of_blocks_that_were_written_over_give_pages_back_and_leave_the_tags_of_the_others()
    {
        ulong file = Make("f", 256 * Block, out byte[] content);
        store.Store.Commit();
        long before = DiskBlocks();
        for (int block = 1; block < 255; block += 2)
        {
            content.AsSpan(block * Block, Block).Fill((byte)block);
            store.User.Write(file, (ulong)(block * Block), content.AsSpan(block * Block, Block));
        }
        store.Store.Commit();
        Assert.True(DiskBlocks() - before < 20, $"{DiskBlocks() - before} pages are taken by what was written over");
        store.Reopen();
        Assert.Equal(content, store.User.ReadAll(file));
        store.IsClean();
    }

    [Fact]
    public void A_damaged_tag_is_EIO_for_its_block_alone()
    {
        ulong file = Make("f", 256 * Block, out byte[] content);
        Extent damaged = ExtentsOf(file)[0].Slice(100, 101);
        store.Reopen(() =>
        {
            using FileStream bytes = new(store.File("seg", damaged.Segment.ToString("x16")), System.IO.FileMode.Open, FileAccess.ReadWrite);
            bytes.Position = damaged.Tags + 3;
            int old = bytes.ReadByte();
            bytes.Position = damaged.Tags + 3;
            bytes.WriteByte((byte)(old ^ 1));
        });
        byte[] buffer = new byte[Block];
        for (int block = 98; block < 103; block++)
        {
            Errno error = store.Tree.Read(store.User.Request, file, 0, (ulong)(block * Block), buffer, out _);
            Assert.Equal(block == 100 ? Errno.EIO : Errno.Ok, error);
            Assert.True(block == 100 || content.AsSpan(block * Block, Block).SequenceEqual(buffer));
        }
        FsckProblem problem = Assert.Single(store.Check().Problems);
        Assert.Equal((FsckCode.BlockDamaged, file), (problem.Code, problem.Object));
    }

    [Fact]
    public void Tags_that_two_files_name_are_found()
    {
        ulong file = Make("f", 10 * Block, out _), other = Make("other", 10 * Block, out _);
        Extent mine = ExtentsOf(file)[0], theirs = ExtentsOf(other)[0];
        store.Store.Checkpoints.Alone(() =>
        {
            using InodeLease lease = store.Store.State.Cache.Pin(other);
            store.Store.State.Dirty.Touch(lease.Inode);
            Extents.Cut(lease.Inode, 4, 5, store.Store.State.Segments);
            Extents.Insert(lease.Inode, theirs.Slice(4, 5) with { Tags = mine.Slice(4, 5).Tags }, store.Store.State.Segments);
        });
        HashSet<FsckCode> codes = [.. store.Check().Problems.Select(static p => p.Code)];
        Assert.Contains(FsckCode.ExtentShared, codes);
        Assert.Contains(FsckCode.BlockDamaged, codes);
    }

    [Fact]
    public void Any_mix_of_large_and_small_writes_is_read_back_at_every_offset_and_length()
    {
        var random = new Random(Seed.For(output));
        ulong file = store.User.File(TreeUser.Root, "f");
        byte[] model = new byte[6 << 20];
        random.NextBytes(model);
        store.User.Write(file, 0, model);
        for (int step = 0; step < 400; step++)
        {
            // Sizes of one block to 1 MiB, on block boundaries or not, so that runs of all kinds are cut into parts of all kinds.
            int length = Math.Min(1 << 20, 1 << random.Next(4, 21)) - (random.Next(2) == 0 ? 0 : random.Next(16));
            int at = random.Next(model.Length - length);
            at = random.Next(2) == 0 ? at : at / Block * Block;
            random.NextBytes(model.AsSpan(at, length));
            store.User.Write(file, (ulong)at, model.AsSpan(at, length));
            if (step % 100 == 99)
            {
                store.Store.Commit();
            }
            int size = random.Next(1, 1 << random.Next(1, 21));
            int from = random.Next(model.Length - size);
            Assert.True(store.User.Read(file, (ulong)from, size).AsSpan().SequenceEqual(model.AsSpan(from, size)), $"step {step}: {size} bytes at {from}");
        }
        store.Reopen();
        Assert.Equal(model, store.User.ReadAll(file));
        store.IsClean();
    }

    public void Dispose() => store.Dispose();

    private ulong Make(string name, int length, out byte[] content)
    {
        content = new byte[length];
        new Random(1).NextBytes(content);
        ulong file = store.User.File(TreeUser.Root, name);
        store.User.Write(file, 0, content);
        return file;
    }

    private List<Extent> ExtentsOf(ulong file)
    {
        var found = new List<Extent>();
        using InodeLease lease = store.Store.State.Cache.Pin(file);
        for (ulong at = 0; Extents.TryFrom(lease.Inode, at, out Extent extent); at = extent.End)
        {
            found.Add(extent);
        }
        return found;
    }

    /// <summary>Pages of 4096 bytes that the segments take on the disk, counted as what is no hole.</summary>
    private long DiskBlocks()
    {
        long pages = 0;
        foreach (string path in Directory.GetFiles(store.File("seg")))
        {
            byte[] bytes = File.ReadAllBytes(path);
            for (int at = 0; at < bytes.Length; at += Block)
            {
                pages += bytes.AsSpan(at, Math.Min(Block, bytes.Length - at)).ContainsAnyExcept((byte)0) ? 1 : 0;
            }
        }
        return pages;
    }
}

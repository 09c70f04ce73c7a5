using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Maps;

public sealed class ExtentTests(ITestOutputHelper output) : IDisposable
{
    private const int Blocks = 400;

    private readonly StoreFixture store = new();

    /// <summary>Where each block of the file must lie: segment, offset, offset of its tag, length of its plaintext; null for a hole.</summary>
    private readonly (ulong Segment, uint Offset, uint Tag, ushort Length)?[] model = new (ulong, uint, uint, ushort)?[Blocks];

    [Fact]
    public void Random_cuts_and_inserts_agree_with_a_map_of_single_blocks()
    {
        var random = new Random(Seed.For(output));
        SegmentTable account = store.Store.State.Segments;
        using (store.Store.Checkpoints.Pause())
        {
            ulong[] segments = [.. Enumerable.Range(0, 3).Select(_ => NewSegment())];
            var inode = new Inode(store.Store.State.NewRowId(), store.Store.State) { Mode = 0x81A4 };
            var ends = new uint[segments.Length];
            for (int step = 0; step < 5000; step++)
            {
                ulong from = (ulong)random.Next(Blocks);
                uint count = (uint)Math.Min(random.Next(1, 30), Blocks - (int)from);
                if (random.Next(3) == 0)
                {
                    Extents.Cut(inode, from, from + count, account);
                    model.AsSpan((int)from, (int)count).Clear();
                }
                else
                {
                    int segment = random.Next(segments.Length);
                    Extent extent = Run(from, count, segments[segment], 64 + ends[segment], random.Next(3) == 0 ? random.Next(1, 4096) : 4096);
                    ends[segment] += (uint)extent.SealedBytes;
                    Extents.Cut(inode, extent.Block, extent.End, account);
                    Extents.Insert(inode, extent, account);
                    Note(extent);
                }
                if (step % 50 == 0)
                {
                    Check(inode, account, segments);
                }
            }
            Extents.Cut(inode, 0, ulong.MaxValue, account);
            model.AsSpan().Clear();
            Check(inode, account, segments);
            Assert.True(inode.Map.IsEmpty);
        }
    }

    [Fact]
    public void A_part_of_a_run_knows_where_its_tags_are_and_only_the_whole_has_them_behind_it()
    {
        Extent run = Run(10, 5, 1, 4096, 100);
        Assert.True(run.IsWhole);
        Assert.Equal(4 * 4096 + 100 + 5 * 16, run.SealedBytes);
        Assert.Equal(new Extent(10, 2, 1, 4096, run.Tags, 4096), run.Slice(10, 12));
        Assert.Equal(new Extent(12, 3, 1, 3 * 4096, run.Tags + 32, 100), run.Slice(12, 15));
        Assert.All([run.Slice(10, 12), run.Slice(12, 15), run.Slice(14, 15)], static part => Assert.False(part.IsWhole));
    }

    public void Dispose() => store.Dispose();

    private static Extent Run(ulong block, uint count, ulong segment, uint offset, int lastLength) =>
        new(block, count, segment, offset, offset + (count - 1) * Extent.BlockSize + (uint)lastLength, (ushort)lastLength);

    private ulong NewSegment()
    {
        ulong id = store.Store.State.NewRowId();
        store.Store.Files.Create(id).Release();
        return id;
    }

    private void Note(in Extent extent)
    {
        for (ulong block = extent.Block; block < extent.End; block++)
        {
            Extent one = extent.Slice(block, block + 1);
            model[block] = (one.Segment, one.Offset, one.Tags, one.LastLength);
        }
    }

    private void Check(Inode inode, SegmentTable account, ulong[] segments)
    {
        var found = new (ulong, uint, uint, ushort)?[Blocks];
        var live = new Dictionary<ulong, long>();
        ulong at = 0;
        while (Extents.TryFrom(inode, at, out Extent extent))
        {
            Assert.True(extent.Block >= at);
            live[extent.Segment] = live.GetValueOrDefault(extent.Segment) + extent.SealedBytes;
            for (ulong block = extent.Block; block < extent.End; block++)
            {
                Extent one = extent.Slice(block, block + 1);
                found[block] = (one.Segment, one.Offset, one.Tags, one.LastLength);
            }
            at = extent.End;
        }
        Assert.Equal(model, found);
        Assert.Equal((ulong)model.Count(static b => b is not null), inode.StoredBlocks);
        Dictionary<ulong, long> counted = account.Snapshot().ToDictionary(static r => r.Id, static r => r.Live);
        Assert.All(segments, s => Assert.Equal(live.GetValueOrDefault(s), counted.GetValueOrDefault(s)));
        Assert.Equal(live.Values.Sum(), account.LiveBytes);
    }
}

using ClawFS.Store.Objects;
using ClawFS.Store.Tests.Ops;

namespace ClawFS.Store.Tests.Maps;

public sealed class ExtentTests(ITestOutputHelper output) : IDisposable
{
    private const int Blocks = 400;

    private readonly StoreFixture store = new();

    /// <summary>Where each block of the file must lie: segment, offset, length of its plaintext; null for a hole.</summary>
    private readonly (ulong Segment, uint Offset, ushort Length)?[] model = new (ulong, uint, ushort)?[Blocks];

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
                    var extent = new Extent(from, count, segments[segment], 64 + ends[segment], (ushort)(random.Next(3) == 0 ? random.Next(1, 4096) : 4096));
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
    public void Runs_that_go_on_in_file_and_segment_become_one_extent()
    {
        SegmentTable account = store.Store.State.Segments;
        using (store.Store.Checkpoints.Pause())
        {
            ulong segment = NewSegment();
            var inode = new Inode(store.Store.State.NewRowId(), store.Store.State) { Mode = 0x81A4 };
            for (uint i = 0; i < 1000; i++)
            {
                Extents.Insert(inode, new Extent(i, 1, segment, 64 + i * Extent.SealedBlock, 4096), account);
            }
            Assert.True(Extents.TryFrom(inode, 0, out Extent whole));
            Assert.Equal(1000u, whole.Count);
        }
    }

    public void Dispose() => store.Dispose();

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
            model[block] = (one.Segment, one.Offset, one.LastLength);
        }
    }

    private void Check(Inode inode, SegmentTable account, ulong[] segments)
    {
        var found = new (ulong, uint, ushort)?[Blocks];
        var live = new Dictionary<ulong, long>();
        ulong at = 0;
        while (Extents.TryFrom(inode, at, out Extent extent))
        {
            Assert.True(extent.Block >= at);
            live[extent.Segment] = live.GetValueOrDefault(extent.Segment) + extent.SealedBytes;
            for (ulong block = extent.Block; block < extent.End; block++)
            {
                Extent one = extent.Slice(block, block + 1);
                found[block] = (one.Segment, one.Offset, one.LastLength);
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

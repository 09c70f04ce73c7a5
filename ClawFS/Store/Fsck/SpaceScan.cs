using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Checks;

/// <summary>Third stage: extents within their files and within their segments, live bytes, segment files. Sorts the extents by place.</summary>
internal sealed class SpaceScan(ClawStore store, Scan scan, ProgressMeter meter, CancellationToken cancel)
{
    public void Run()
    {
        meter.Start("space", scan.Extents.Count);
        FindUnrecorded();
        Files();
        WithinFiles();
        scan.Extents.Sort(static (a, b) => a.Extent.Segment != b.Extent.Segment
            ? a.Extent.Segment.CompareTo(b.Extent.Segment)
            : a.Extent.Offset.CompareTo(b.Extent.Offset));
        WithinSegments();
        foreach ((ulong id, ScanSegment segment) in scan.Segments.Where(static s => s.Value.Live >= 0 && s.Value.Live != s.Value.Counted))
        {
            scan.Add(FsckCode.SegmentLive, id, $"segment {id:x} counts {segment.Live} live bytes, files name {segment.Counted}");
        }
    }

    /// <summary>A segment whose record is lost but whose file is there keeps its blocks: they are authenticated one by one anyway.</summary>
    private void FindUnrecorded()
    {
        foreach (ulong id in scan.Extents.Select(static e => e.Extent.Segment).Distinct().Where(id => !scan.Segments.ContainsKey(id)).ToList())
        {
            try
            {
                SegmentFile file = store.Files.Get(id);
                scan.Segments.Add(id, new ScanSegment { Salt = file.Salt, Live = -1 });
                file.Release();
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                // Its extents are named as lying outside of what is there.
                continue;
            }
            if (!scan.Problems.Exists(p => p.Code == FsckCode.SegmentRecord && p.Object == id))
            {
                scan.Add(FsckCode.SegmentRecord, id, $"segment {id:x} has no record");
            }
        }
    }

    private void Files()
    {
        foreach ((ulong id, ScanSegment segment) in scan.Segments)
        {
            try
            {
                SegmentFile file = store.Files.Get(id, segment.Salt == 0 ? null : segment.Salt);
                segment.Length = file.Length;
                file.Release();
            }
            catch (StoreException e)
            {
                segment.Length = -1;
                scan.Add(FsckCode.SegmentFile, id, e.Message);
            }
        }
        if (store.ReadOnly)
        {
            // What a kill leaves, or a backup takes along of what was just going or coming: opening for writing removes it, so it is no damage.
            return;
        }
        foreach (ulong id in store.Files.List().Where(id => !scan.Segments.ContainsKey(id) && !store.State.Segments.Knows(id) && id != store.ActiveSegment))
        {
            scan.StraySegments.Add(id);
            scan.Add(FsckCode.SegmentStray, id, $"segment {id:x} is a file that the store does not know");
        }
    }

    /// <summary>The extents stand in the order of inodes and blocks as yet.</summary>
    private void WithinFiles()
    {
        var blocks = new Dictionary<ulong, ulong>();
        for (int i = 0; i < scan.Extents.Count; i++)
        {
            (ulong inode, Extent extent) = scan.Extents[i];
            blocks[inode] = blocks.GetValueOrDefault(inode) + extent.Count;
            if (i > 0 && scan.Extents[i - 1].Inode == inode && scan.Extents[i - 1].Extent.End > extent.Block)
            {
                scan.BadExtents.Add(scan.Extents[i]);
                scan.Add(FsckCode.ExtentMalformed, inode, $"inode {inode}: the extents at blocks {scan.Extents[i - 1].Extent.Block} and {extent.Block} overlap");
            }
        }
        foreach ((ulong id, ScanNode node) in scan.Nodes.Where(static n => !n.Value.IsFolder))
        {
            ulong counted = blocks.GetValueOrDefault(id);
            if (counted != node.StoredBlocks)
            {
                scan.Add(FsckCode.BlockCount, id, $"inode {id} counts {node.StoredBlocks} blocks, it has {counted}");
            }
        }
    }

    private void WithinSegments()
    {
        var places = new List<Place>(scan.Extents.Count);
        foreach (ScanExtent item in scan.Extents)
        {
            cancel.ThrowIfCancellationRequested();
            meter.Add(1);
            Extent extent = item.Extent;
            if (!scan.Segments.TryGetValue(extent.Segment, out ScanSegment? known))
            {
                Outside(item, "which has no readable record");
                continue;
            }
            known.Counted += extent.SealedBytes;
            if (!IsWithin(extent.Offset, extent.DataBytes, known) || !IsWithin(extent.Tags, extent.TagBytes, known))
            {
                Outside(item, $"which has {known.Length} bytes");
            }
            places.Add(new(extent.Segment, extent.Offset, extent.IsWhole ? extent.SealedBytes : extent.DataBytes, item.Inode));
            if (!extent.IsWhole)
            {
                places.Add(new(extent.Segment, extent.Tags, extent.TagBytes, item.Inode));
            }
        }
        FindShared(places);
    }

    private static bool IsWithin(uint offset, int length, ScanSegment segment) => offset >= SegmentHeader.Size && offset + (long)length <= segment.Length;

    private void FindShared(List<Place> places)
    {
        places.Sort(static (a, b) => a.Segment != b.Segment ? a.Segment.CompareTo(b.Segment) : a.Offset.CompareTo(b.Offset));
        Place last = default;
        foreach (Place place in places)
        {
            bool same = place.Segment == last.Segment;
            if (same && place.Offset < last.End)
            {
                scan.Add(FsckCode.ExtentShared, place.Inode, $"inodes {last.Inode} and {place.Inode} name the same bytes of segment {place.Segment:x} at {place.Offset}");
            }
            if (!same || place.End > last.End)
            {
                last = place;
            }
        }
    }

    private void Outside(in ScanExtent item, string why)
    {
        scan.BadExtents.Add(item);
        scan.Add(FsckCode.ExtentOutside, item.Inode,
            $"inode {item.Inode}: blocks {item.Extent.Block} to {item.Extent.End - 1} lie at {item.Extent.Offset} of segment {item.Extent.Segment:x}, {why}");
    }

    /// <summary>Bytes of a segment that one extent names: its blocks, its tags, or both.</summary>
    private readonly record struct Place(ulong Segment, uint Offset, int Length, ulong Inode)
    {
        public long End => Offset + (long)Length;
    }
}

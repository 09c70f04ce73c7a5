using ClawFS.Store.Segments;

namespace ClawFS.Store.Objects;

/// <summary>Sealed bytes of a segment that no file names any more.</summary>
internal readonly record struct DeadRange(ulong Segment, uint Offset, int Length)
{
    /// <summary>What a hole frees: it would only write zeros into a page of which something else lives.</summary>
    private const uint Page = 4096;

    /// <summary>Adds what an extent has of its segment: its blocks, and its tags where they stand apart.</summary>
    public static void Add(List<DeadRange> ranges, in Extent extent)
    {
        if (extent.IsWhole)
        {
            ranges.Add(new(extent.Segment, extent.Offset, extent.SealedBytes));
            return;
        }
        ranges.Add(new(extent.Segment, extent.Offset, extent.DataBytes));
        ranges.Add(new(extent.Segment, extent.Tags, extent.TagBytes));
    }

    /// <summary>
    /// Gives the disk space of ranges back by punching holes into their segments, whole pages only, neighbours in one call. Only for ranges that no committed row
    /// names.
    /// </summary>
    public static void Release(List<DeadRange> ranges, SegmentFiles files, HashSet<ulong> deleted)
    {
        ranges.Sort(static (a, b) => a.Segment != b.Segment ? a.Segment.CompareTo(b.Segment) : a.Offset.CompareTo(b.Offset));
        for (int i = 0; i < ranges.Count;)
        {
            DeadRange run = ranges[i++];
            while (i < ranges.Count && ranges[i].Segment == run.Segment && ranges[i].Offset == run.Offset + (uint)run.Length)
            {
                run = run with { Length = run.Length + ranges[i++].Length };
            }
            uint from = (run.Offset + Page - 1) / Page * Page;
            uint to = (run.Offset + (uint)run.Length) / Page * Page;
            if (to <= from || deleted.Contains(run.Segment))
            {
                continue;
            }
            SegmentFile segment = files.Get(run.Segment);
            segment.PunchHole(from, (int)(to - from));
            segment.Release();
        }
    }
}

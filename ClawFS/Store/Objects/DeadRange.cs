using ClawFS.Store.Segments;

namespace ClawFS.Store.Objects;

/// <summary>Sealed bytes of a segment that no file names any more.</summary>
internal readonly record struct DeadRange(ulong Segment, uint Offset, int Length)
{
    /// <summary>Below this a hole would free no block of the disk.</summary>
    private const int Worthwhile = 4096;

    /// <summary>
    /// Gives the disk space of ranges back by punching holes into their segments, neighbours in one call. Only for ranges that no committed row names.
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
            if (run.Length < Worthwhile || deleted.Contains(run.Segment))
            {
                continue;
            }
            SegmentFile segment = files.Get(run.Segment);
            segment.PunchHole(run.Offset, run.Length);
            segment.Release();
        }
    }
}

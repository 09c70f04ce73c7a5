using ClawFS.Store.Objects;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Commit;

/// <summary>
/// Which segment is worth emptying. Two promises: what the segment files hold stays below 1.3 times what is alive in them, and short segments (each start of the
/// service begins one) stay few. Bytes count by what was written, also where holes have been punched since: a hole gives back whole
/// pages of the disk only, and scattered dead blocks of small runs none. What is left out before a run that starts on a page counts nowhere: at most
/// 3 %, for which the two limits leave room.
/// </summary>
internal sealed class CleaningPolicy(long slack)
{
    /// <summary>Cleaning begins a little below the promise. A segment that keeps it by itself (four fifths alive) is left alone.</summary>
    private const double MostStored = 1.25;
    private const long Short = SegmentFiles.MaxSize / 4;
    private const int MostShort = 16;

    private readonly Dictionary<ulong, long> immovable = [];

    /// <summary>What is left alive in a segment could not be moved: it is passed over until that changes.</summary>
    public void PassOver(SegmentRecord record)
    {
        if (LiveOf(record) is > 0 and var left)
        {
            immovable[record.Id] = left;
        }
    }

    /// <summary>The segment to empty next, null if there is no need. A segment in which nothing lives goes with the next checkpoint and is none.</summary>
    /// <param name="records">All segments.</param>
    /// <param name="active">The one that grows.</param>
    /// <param name="done">Those of this pass.</param>
    public SegmentRecord? Choose(List<SegmentRecord> records, ulong active, HashSet<ulong> done)
    {
        long stored = 0, living = 0;
        double leastShare = double.MaxValue;
        long shortest = long.MaxValue;
        int shortOnes = 0;
        SegmentRecord? emptiest = null, smallest = null;
        foreach (SegmentRecord record in records)
        {
            long live = LiveOf(record);
            if (live <= 0 || done.Contains(record.Id) || (immovable.TryGetValue(record.Id, out long left) && left == live))
            {
                continue;
            }
            long written = Math.Max(live, Interlocked.Read(ref record.Written));
            stored += written;
            living += live;
            double share = (double)live / written;
            if (record.Id == active)
            {
                continue;
            }
            if (share < leastShare)
            {
                (leastShare, emptiest) = (share, record);
            }
            shortOnes += written < Short ? 1 : 0;
            if (written < shortest)
            {
                (shortest, smallest) = (written, record);
            }
        }
        bool tooMuch = stored - living > slack && stored > MostStored * living && leastShare * MostStored < 1;
        return tooMuch ? emptiest : shortOnes > MostShort ? smallest : null;
    }

    private static long LiveOf(SegmentRecord record) => Interlocked.Read(ref record.Live);
}

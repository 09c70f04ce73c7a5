using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>The graph for one kind of distance.</summary>
internal sealed unsafe partial class LinkGraph<TMeasure>(SlotTable slots, int efConstruction) : LinkGraph(slots, efConstruction)
    where TMeasure : struct, IMeasure<TMeasure>
{
    /// <summary>Rows of vectors asked for ahead of the one being measured.</summary>
    private const int PrefetchRows = 16;

    /// <inheritdoc/>
    public override bool Walk(SearchContext context, int width, LabelBitmap? filter, bool allLive, long budget, out CandidatePool found)
    {
        (uint entry, int level) = Entry;
        if (entry == 0)
        {
            found = default;
            return true;
        }

        TMeasure measure = TMeasure.FromQuery(context, Slots);
        ulong start = Descend(measure, entry, level, 0);
        if (filter is null && allLive)
        {
            found = new CandidatePool(context.Candidates(width), width, width);
            return Expand(context, measure, new AdmitAll(), ref found, start, 0, long.MaxValue);
        }

        // Room for the hidden ones: past it the walk is worth less than the scan that the caller falls back to.
        int room = (int)Math.Min(Math.Max(1024L, width * 32L), 1 << 20);
        found = new CandidatePool(context.Candidates(room), room, width);
        return filter is null
            ? Expand(context, measure, new AdmitLive(Slots.States), ref found, start, 0, budget)
            : Expand(context, measure, new AdmitLabels(Slots, filter), ref found, start, 0, budget);
    }

    /// <summary>Goes to the nearest slot of each level from the top, down to above the level wanted.</summary>
    private ulong Descend(in TMeasure measure, uint entry, int level, int wanted)
    {
        uint nearest = entry;
        uint best = measure.Key(entry);
        for (; level > wanted; level--)
        {
            bool moved = true;
            while (moved)
            {
                moved = false;
                uint* row = Slots.Row(nearest, level);
                for (int i = 0; i < Slots.M && row[i] != 0; i++)
                    measure.Prefetch(row[i]);
                for (int i = 0; i < Slots.M; i++)
                {
                    uint other = Volatile.Read(ref row[i]);
                    if (other == 0)
                        break;
                    uint key = measure.Key(other);
                    if (key < best)
                    {
                        (best, nearest, moved) = (key, other, true);
                    }
                }
            }
        }

        return CandidatePool.Entry(best, nearest, 0);
    }

    /// <summary>Looks at the links of the nearest candidate not looked at yet, until all candidates within the width have been.</summary>
    private bool Expand<TAdmit>(SearchContext context, TMeasure measure, TAdmit admit, ref CandidatePool result, ulong start, int level, long budget)
        where TAdmit : struct, IAdmit
    {
        CandidatePool pool = result;
        uint limit = Slots.Used;
        context.ForgetVisited(limit);
        ulong* visited = context.Visited;
        uint* batch = context.Batch;
        int room = Slots.Room(level);
        ulong* entries = pool.Entries;
        uint first = CandidatePool.Slot(start);
        visited[first >> 6] |= 1UL << (int)(first & 63);
        _ = typeof(TAdmit) == typeof(AdmitAll) ? pool.InsertResult(start) : pool.Insert(start | admit.Marks(first));
        int next = 0;
        long measured = 0;
        while (next < pool.Size)
        {
            ulong nearest = entries[next];
            if ((nearest & CandidatePool.Expanded) != 0)
            {
                next++;
                continue;
            }

            entries[next] = nearest | CandidatePool.Expanded;
            uint* row = Slots.Row(CandidatePool.Slot(nearest), level);
            int count = 0;
            for (int i = 0; i < room; i++)
            {
                uint other = Volatile.Read(ref row[i]);
                if (other == 0)
                    break;
                // A slot given out after the marks were cleared is not looked at; whoever added it was not done when this walk began.
                if (other > limit)
                    continue;
                ulong word = visited[other >> 6];
                batch[count] = other;
                count += (int)(~word >> (int)(other & 63)) & 1;
                visited[other >> 6] = word | (1UL << (int)(other & 63));
            }

            int ahead = Math.Min(count, PrefetchRows);
            for (int i = 0; i < ahead; i++)
                measure.Prefetch(batch[i]);
            if (next + 1 < pool.Size && Sse.IsSupported)
                Sse.Prefetch0(Slots.Row(CandidatePool.Slot(entries[next + 1]), level));
            uint bound = pool.Bound;
            for (int i = 0; i < count; i++)
            {
                uint other = batch[i];
                uint key = measure.Key(other);
                if (i + PrefetchRows < count)
                    measure.Prefetch(batch[i + PrefetchRows]);
                if (key >= bound)
                    continue;
                int place = typeof(TAdmit) == typeof(AdmitAll)
                    ? pool.InsertResult(CandidatePool.Entry(key, other, 0))
                    : pool.Insert(CandidatePool.Entry(key, other, admit.Marks(other)));
                bound = pool.Bound;
                next = Math.Min(next, place);
            }

            measured += count;
            if (typeof(TAdmit) != typeof(AdmitAll) && (measured > budget || pool.Overflown))
            {
                result = pool;
                return false;
            }
        }

        result = pool;
        return true;
    }
}

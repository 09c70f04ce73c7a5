using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

internal sealed unsafe partial class LinkGraph<TMeasure>
{
    /// <inheritdoc/>
    public override void Insert(SearchContext context, uint slot)
    {
        int level = Slots.Levels[slot];
        (uint entry, int top) = Entry;
        bool linked = entry != 0 && level <= top && Link(context, slot, level, entry, top);
        if (!linked)
        {
            // The few that raise the graph go one at a time, so that the highest of them stays the entry. So does one that met removed slots only: it becomes the entry if it
            // meets no others on a second try.
            lock (EntryLock)
            {
                (entry, top) = Entry;
                linked = entry != 0 && Link(context, slot, level, entry, top);
                if (!linked || level > top)
                    Entry = (slot, level);
            }
        }

        Slots.MarkDirty(slot);
    }

    /// <inheritdoc/>
    public override void Relink(SearchContext context, uint slot)
    {
        (uint entry, int top) = Entry;
        _ = Link(context, slot, Slots.Levels[slot], entry, top);
        Slots.MarkDirty(slot);
    }

    /// <returns>Whether there was anything to link to on the lowest level.</returns>
    private bool Link(SearchContext context, uint slot, int level, uint entry, int top)
    {
        int count = 0;
        ulong nearest = Descend(TMeasure.FromSlot(context, Slots, slot), entry, top, level);
        for (int l = Math.Min(level, top); l >= 0; l--)
        {
            TMeasure measure = TMeasure.FromSlot(context, Slots, slot);
            CandidatePool pool = WalkForLinks(context, measure, nearest, l);
            nearest = pool.Entries[0];
            count = Choose(measure, pool.Entries, pool.Size, slot, Slots.M, context.Chosen);
            AddLinks(context, slot, l, count);
            for (int i = 0; i < count; i++)
                AddLink(context, context.Chosen[i], l, slot);
        }

        return count > 0;
    }

    private CandidatePool WalkForLinks(SearchContext context, TMeasure measure, ulong nearest, int level)
    {
        AdmitLinkable admit = new(Slots.States, Slots.Linkable);
        ulong start = CandidatePool.Entry(CandidatePool.Key(nearest), CandidatePool.Slot(nearest), 0);
        int room = Math.Max(1024, EfConstruction * 16);
        CandidatePool pool = new(context.Candidates(room), room, EfConstruction);
        if (Expand(context, measure, admit, ref pool, start, level, long.MaxValue) || pool.Results >= Slots.M)
            return pool;

        // Removed slots all around: with room for all of them the walk ends where the others are.
        room = (int)Slots.Used + EfConstruction;
        pool = new CandidatePool(context.Candidates(room), room, EfConstruction);
        _ = Expand(context, measure, admit, ref pool, start, level, long.MaxValue);
        return pool;
    }

    /// <summary>
    /// Picks links from candidates in ascending distance (the paper's algorithm 4): a candidate that is nearer to one already picked than to the slot is reached through that one.
    /// Of candidates exactly as near to one picked as to the slot (copies of one vector) only half a row is taken, so that copies stay tied to the rest.
    /// </summary>
    private static int Choose(in TMeasure measure, ulong* candidates, int count, uint slot, int most, uint* chosen)
    {
        int taken = 0;
        int ties = 0;
        for (int i = 0; i < count && taken < most; i++)
        {
            uint other = CandidatePool.Slot(candidates[i]);
            if ((candidates[i] & CandidatePool.Hidden) != 0 || other == slot)
                continue;
            uint key = CandidatePool.Key(candidates[i]);
            bool keep = true;
            bool tied = false;
            for (int j = 0; j < taken && keep; j++)
            {
                uint between = measure.Between(other, chosen[j]);
                keep = between >= key;
                tied |= between == key;
            }

            if (!keep || (tied && ++ties > most / 2))
                continue;
            chosen[taken++] = other;
        }

        return taken;
    }

    /// <summary>Writes the chosen links into the slot's own row, beside those that other threads have added meanwhile.</summary>
    private void AddLinks(SearchContext context, uint slot, int level, int count)
    {
        Rows.Enter(slot);
        uint* row = Slots.Row(slot, level);
        int room = Slots.Room(level);
        int used = 0;
        while (used < room && row[used] != 0)
            used++;
        for (int i = 0; i < count && used < room; i++)
        {
            uint other = context.Chosen[i];
            if (!new ReadOnlySpan<uint>(row, used).Contains(other))
                Volatile.Write(ref row[used++], other);
        }

        Rows.Exit(slot);
    }

    /// <summary>Adds one link, or chooses anew among all when the row is full.</summary>
    private void AddLink(SearchContext context, uint slot, int level, uint other)
    {
        Rows.Enter(slot);
        uint* row = Slots.Row(slot, level);
        int room = Slots.Room(level);
        int used = 0;
        while (used < room && row[used] != 0 && row[used] != other)
            used++;
        if (used < room)
        {
            Volatile.Write(ref row[used], other);
        }
        else
        {
            TMeasure measure = TMeasure.FromSlot(context, Slots, slot);
            for (int i = 0; i < room; i++)
                measure.Prefetch(row[i]);
            ulong* sorted = context.Sorted;
            int candidates = 0;
            uint last = Slots.Linkable;
            for (int i = 0; i <= room; i++)
            {
                uint candidate = i == room ? other : row[i];
                if (candidate <= last)
                    InsertSorted(sorted, candidates++, CandidatePool.Entry(measure.Key(candidate), candidate, 0));
            }

            WriteRow(row, room, context.Batch, Choose(measure, sorted, candidates, slot, room, context.Batch));
        }

        Rows.Exit(slot);
        Slots.MarkDirty(slot);
    }

    private static void InsertSorted(ulong* sorted, int count, ulong entry)
    {
        int place = count;
        for (; place > 0 && sorted[place - 1] > entry; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = entry;
    }

    /// <summary>Overwrites a row word by word. The caller holds its lock.</summary>
    private static void WriteRow(uint* row, int room, uint* links, int count)
    {
        for (int i = 0; i < room; i++)
            Volatile.Write(ref row[i], i < count ? links[i] : 0);
    }
}

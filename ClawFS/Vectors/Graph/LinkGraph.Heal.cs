using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

internal sealed unsafe partial class LinkGraph<TMeasure>
{
    /// <summary>Candidates looked at for the new row of one slot: rows of removed slots, and of removed ones behind them, until this many.</summary>
    private const int MostCandidates = 128;

    /// <inheritdoc/>
    public override bool Heal(SearchContext context, uint slot, ulong[] condemned)
    {
        bool healed = false;
        for (int level = Slots.Levels[slot]; level >= 0; level--)
        {
            int added = HealRow(context, slot, level, condemned);
            healed |= added >= 0;
            // A slot that was found only through removed ones gets links that lead to it.
            for (int i = 0; i < added; i++)
                AddLink(context, context.Chosen[i], level, slot);
        }

        return healed;
    }

    /// <returns>Links that are new, left in the context's Chosen; -1 when the row had no condemned link.</returns>
    private int HealRow(SearchContext context, uint slot, int level, ulong[] condemned)
    {
        uint* row = Slots.Row(slot, level);
        int room = Slots.Room(level);
        if (!HasCondemned(row, room, condemned))
            return -1;
        Rows.Enter(slot);
        int count = 0;
        int added = 0;
        if (Slots.States[slot] is SlotState.Live or SlotState.Pending)
        {
            TMeasure measure = TMeasure.FromSlot(context, Slots, slot);
            ulong* sorted = context.Candidates(MostCandidates + Slots.M0);
            int candidates = Collect(context, measure, sorted, slot, level, condemned, out int before);
            count = Choose(measure, sorted, candidates, slot, room, context.Batch);
            for (int i = 0; i < count; i++)
            {
                if (!context.KeptLinks(before).Contains(context.Batch[i]))
                    context.Chosen[added++] = context.Batch[i];
            }
        }
        else
        {
            // A slot removed after the repair began stays walkable, but loses the links that will lead nowhere.
            for (int i = 0; i < room && row[i] != 0; i++)
            {
                if (!IsCondemned(row[i], condemned))
                    context.Batch[count++] = row[i];
            }
        }

        WriteRow(row, room, context.Batch, count);
        Rows.Exit(slot);
        Slots.MarkDirty(slot);
        return added;
    }

    /// <summary>The links of a slot that stay, and what lies behind the others, sorted by distance.</summary>
    private int Collect(SearchContext context, in TMeasure measure, ulong* sorted, uint slot, int level, ulong[] condemned, out int kept)
    {
        context.ForgetVisited(Slots.Used);
        ulong* visited = context.Visited;
        visited[slot >> 6] |= 1UL << (int)(slot & 63);
        int room = Slots.Room(level);
        int count = 0;
        Span<uint> behind = context.Behind;
        int waiting = 1;
        behind[0] = slot;
        kept = 0;
        for (int at = 0; at < waiting && count < MostCandidates; at++)
        {
            uint* row = Slots.Row(behind[at], level);
            for (int i = 0; i < room && count < MostCandidates; i++)
            {
                uint other = Volatile.Read(ref row[i]);
                if (other == 0)
                    break;
                ulong bit = 1UL << (int)(other & 63);
                if (other > Slots.Used || (visited[other >> 6] & bit) != 0)
                    continue;
                visited[other >> 6] |= bit;
                if (IsCondemned(other, condemned))
                {
                    if (waiting < behind.Length)
                        behind[waiting++] = other;
                }
                else if (Slots.States[other] is SlotState.Live or SlotState.Pending)
                {
                    InsertSorted(sorted, count++, CandidatePool.Entry(measure.Key(other), other, 0));
                    if (at == 0)
                        context.Kept[kept++] = other;
                }
            }
        }

        return count;
    }

    private static bool HasCondemned(uint* row, int room, ulong[] condemned)
    {
        for (int i = 0; i < room && row[i] != 0; i++)
        {
            if (IsCondemned(row[i], condemned))
                return true;
        }

        return false;
    }

    private static bool IsCondemned(uint slot, ulong[] condemned) =>
        slot >> 6 < condemned.Length && ((condemned[slot >> 6] >> (int)(slot & 63)) & 1) != 0;
}

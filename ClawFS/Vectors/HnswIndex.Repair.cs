using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    private const int HealAtOnce = 64;
    private readonly Lock repairLock = new();
    private RepairStage stage;
    private ulong[] condemned = [];
    private uint condemnedUpTo;
    private long repairEpoch;
    private uint repairCursor;

    private enum RepairStage
    {
        /// <summary>Nothing is condemned.</summary>
        Idle,

        /// <summary>Waits for the inserts that may still link to a condemned slot.</summary>
        Settling,

        /// <summary>Gives the neighbours of condemned slots other links.</summary>
        Healing,

        /// <summary>Waits for the walks that may still be in a condemned slot.</summary>
        Draining,

        /// <summary>Gives the condemned slots back.</summary>
        Freeing,

        /// <summary>Moves vectors from the highest slots to the lowest, where most slots are free.</summary>
        Moving,

        /// <summary>Gives those that were not moved the links of new ones.</summary>
        Relinking,
    }

    /// <summary>
    /// Heals what removed vectors have left: neighbours get links past them, then their slots are free for reuse. Where most have gone, the others move together and get their links anew, so that
    /// the index is as fast as one made of them alone. Works in small steps beside searches, inserts and removes;
    /// call it again until it returns false. A call does not wait for anybody: it returns true early when walks under way hold it up.
    /// </summary>
    /// <param name="steps">Slots to look at, about 0.1 to 20 microseconds each; a vector that is moved counts as 16.</param>
    /// <param name="cancel">Ends the call between two steps; nothing is lost.</param>
    /// <returns>Whether there is more to do.</returns>
    public bool Repair(int steps, CancellationToken cancel = default)
    {
        lock (repairLock)
        {
            while (steps > 0 && !cancel.IsCancellationRequested)
            {
                switch (stage)
                {
                    case RepairStage.Idle:
                        if (Volatile.Read(ref dead) == 0)
                            return false;
                        Condemn();
                        break;
                    case RepairStage.Settling or RepairStage.Draining:
                        if (!epochs.AllSince(repairEpoch))
                            return true;
                        stage = stage == RepairStage.Settling ? RepairStage.Healing : RepairStage.Freeing;
                        repairCursor = 1;
                        break;
                    case RepairStage.Healing:
                        steps -= HealSome(Math.Min(steps, HealAtOnce));
                        break;
                    case RepairStage.Moving or RepairStage.Relinking:
                        steps -= MoveSome(Math.Min(steps, HealAtOnce));
                        break;
                    default:
                        steps -= FreeSome(Math.Min(steps, HealAtOnce));
                        break;
                }
            }

            return stage != RepairStage.Idle || Volatile.Read(ref dead) != 0;
        }
    }

    private void Condemn()
    {
        condemnedUpTo = slots.Used;
        condemned = new ulong[(condemnedUpTo >> 6) + 1];
        for (uint slot = 1; slot <= condemnedUpTo; slot++)
        {
            if (Volatile.Read(ref slots.States[slot]) == SlotState.Dead)
                condemned[slot >> 6] |= 1UL << (int)(slot & 63);
        }

        repairEpoch = epochs.Advance();
        stage = RepairStage.Settling;
    }

    private int HealSome(int most)
    {
        int done = 0;
        gate.EnterReadLock();
        SearchContext context = epochs.Begin();
        try
        {
            context.Codes = slots.Codes;
            for (; done < most && repairCursor <= condemnedUpTo; done++, repairCursor++)
            {
                if (!IsCondemned(repairCursor) && slots.States[repairCursor] != SlotState.Free)
                    graph.Heal(context, repairCursor, condemned);
            }
        }
        finally
        {
            context.End();
            gate.ExitReadLock();
        }

        if (repairCursor > condemnedUpTo)
        {
            graph.LeaveEntry(condemned, HighestSlot);
            repairEpoch = epochs.Advance();
            stage = RepairStage.Draining;
        }

        return Math.Max(1, done);
    }

    private int FreeSome(int most)
    {
        int done = 0;
        lock (slotLock)
        {
            for (; done < most && repairCursor <= condemnedUpTo; done++, repairCursor++)
            {
                if (!IsCondemned(repairCursor))
                    continue;
                slots.Release(repairCursor);
                slots.MarkDirty(repairCursor);
                dead--;
                unfit--;
            }
        }

        if (repairCursor > condemnedUpTo)
        {
            condemned = [];
            stage = AfterFreeing();
        }

        return Math.Max(1, done);
    }

    /// <summary>The slot of the highest level that is not condemned, a live one first; 0 when there is none.</summary>
    private uint HighestSlot()
    {
        uint best = 0;
        int bestRank = -1;
        for (uint slot = 1; slot <= slots.Used; slot++)
        {
            byte state = Volatile.Read(ref slots.States[slot]);
            if (state == SlotState.Free || IsCondemned(slot))
                continue;
            int rank = slots.Levels[slot] + (state == SlotState.Live ? SlotTable.MostLevels + 1 : 0);
            if (rank > bestRank)
                (best, bestRank) = (slot, rank);
        }

        return best;
    }

    private bool IsCondemned(uint slot) => slot <= condemnedUpTo && slot >> 6 < condemned.Length && ((condemned[slot >> 6] >> (int)(slot & 63)) & 1) != 0;
}

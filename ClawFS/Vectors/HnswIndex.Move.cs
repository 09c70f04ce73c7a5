using ClawFS.Vectors.Graph;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>Steps of a repair that one move counts for.</summary>
    private const int StepsOfMove = 16;

    /// <summary>Fewer slots than these are not worth moving anything.</summary>
    private const int LeastScattered = 1024;

    private bool isRelinkDue;

    /// <summary>
    /// Whether the vectors lie so thinly that they are better moved together. Healing keeps a graph connected, but its links come from what the removed ones knew: below half of what it was made of it is sparser
    /// than one made of what is left, and its rows share cache lines and pages with nothing.
    /// </summary>
    private bool IsScattered => slots.Used >= LeastScattered && slots.FreeSlots > slots.Used / 2;

    /// <summary>What follows when the removed slots have been given back.</summary>
    private RepairStage AfterFreeing()
    {
        if (!IsScattered)
            return RepairStage.Idle;
        repairCursor = slots.Used;
        uint last = (uint)Math.Min(slots.Used, Count + (Count / 4) + 64L);
        if (HighestLive() > last)
        {
            // Vectors that are added meanwhile may take slots beyond; then links lead everywhere again, and what is left to move only gets new ones.
            slots.Linkable = last;
            isRelinkDue = true;
            return RepairStage.Moving;
        }

        RepairStage next = isRelinkDue ? RepairStage.Relinking : RepairStage.Idle;
        isRelinkDue = false;
        return next;
    }

    private uint HighestLive()
    {
        uint slot = slots.Used;
        while (slot > 0 && Volatile.Read(ref slots.States[slot]) != SlotState.Live)
            slot--;
        return slot;
    }

    /// <summary>
    /// Moves vectors from the end into the lowest free slots, by adding each again: the slot it leaves is removed, and healed in the next round. After that round those that lay low already get links as a new one gets
    /// them: not before, when half of what a walk meets would be removed slots.
    /// </summary>
    private int MoveSome(int steps)
    {
        float[] vector = new float[options.Dimensions];
        int done = 0;
        for (; done < steps && repairCursor > 0; repairCursor--, done++)
        {
            if (Volatile.Read(ref slots.States[repairCursor]) != SlotState.Live || (stage == RepairStage.Moving && repairCursor <= slots.Linkable))
                continue;
            if (stage == RepairStage.Moving)
                Move(repairCursor, vector);
            else
                Relink(repairCursor);
            done += StepsOfMove;
        }

        if (repairCursor == 0)
        {
            slots.Linkable = uint.MaxValue;
            stage = RepairStage.Idle;
        }

        return Math.Max(1, done);
    }

    private void Relink(uint slot)
    {
        gate.EnterReadLock();
        SearchContext context = epochs.Begin();
        try
        {
            context.Codes = slots.Codes;
            graph.Relink(context, slot);
        }
        finally
        {
            context.End();
            gate.ExitReadLock();
        }
    }

    private void Move(uint slot, float[] vector)
    {
        uint label = slots.Labels[slot];
        if (labels.Slot(label) != slot || !TryCopy(label, vector))
            return;
        gate.EnterReadLock();
        SearchContext context = epochs.Begin();
        try
        {
            context.Codes = slots.Codes;
            Insert(context, label, vector, instead: slot);
        }
        finally
        {
            context.End();
            gate.ExitReadLock();
        }
    }
}

using ClawFS.Vectors.Graph;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>Steps of a repair that one move counts for.</summary>
    private const int StepsOfMove = 16;

    /// <summary>Fewer slots than these are not worth moving anything.</summary>
    private const int LeastScattered = 1024;

    /// <summary>
    /// Whether the vectors lie so thinly that they are better moved together. Healing keeps a graph connected, but its links come from what the removed ones knew: below half of what it was made of it is sparser
    /// than one made of what is left, and its rows share cache lines and pages with nothing.
    /// </summary>
    private bool IsScattered => slots.Used >= LeastScattered && slots.FreeSlots > slots.Used / 2;

    /// <summary>Vectors that were added since may take slots beyond those of all that were there, but not many: then it ends.</summary>
    private void BeginMoving()
    {
        repairCursor = slots.Used;
        slots.Linkable = (uint)Math.Min(slots.Used, Count + (Count / 4) + 64L);
        stage = RepairStage.Moving;
    }

    /// <summary>Moves vectors from the end into the lowest free slots, by adding each again; a removed slot stays behind for the next round of repair.</summary>
    private int MoveSome(int steps)
    {
        float[] vector = new float[options.Dimensions];
        int done = 0;
        while (done < steps)
        {
            while (repairCursor > slots.Linkable && Volatile.Read(ref slots.States[repairCursor]) != SlotState.Live)
            {
                repairCursor--;
                done++;
            }

            if (repairCursor <= slots.Linkable)
            {
                slots.Linkable = uint.MaxValue;
                stage = RepairStage.Idle;
                break;
            }

            Move(repairCursor--, vector);
            done += StepsOfMove;
        }

        return Math.Max(1, done);
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

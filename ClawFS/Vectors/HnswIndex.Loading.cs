using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>The slots, for <see cref="SavedIndex"/>.</summary>
    internal SlotTable Slots => slots;

    /// <summary>Begins loading.</summary>
    internal void Begin(float codeScale, uint saved)
    {
        slots.Codes?.Begin(codeScale);
        scale.Resume(saved);
    }

    /// <summary>Takes over a slot. What was not found by searches when it was saved is not found now.</summary>
    internal void Restore(uint slot, uint label, byte state)
    {
        if (state == SlotState.Live && labels.Slot(label) != 0)
            throw new InvalidDataException($"Label {label} comes twice.");
        slots.Labels[slot] = label;
        if (state == SlotState.Live)
        {
            slots.States[slot] = SlotState.Live;
            labels.Set(label, slot);
            live++;
        }
        else
        {
            slots.States[slot] = SlotState.Dead;
            dead++;
            unfit++;
        }
    }

    /// <summary>Takes over a vector; one that its source does not have any more is removed.</summary>
    internal void RestoreVector(uint slot, ReadOnlySpan<float> vector)
    {
        if (!UnitLength.IsFinite(vector))
        {
            Remove(slots.Labels[slot]);
            return;
        }

        Span<float> into = new(slots.Floats + ((long)slot * slots.FloatStride), slots.FloatStride);
        vector.CopyTo(into);
        if (options.Metric == Metric.Cosine)
            UnitLength.Scale(into);
    }

    /// <summary>Lets go of a slot whose vector is lost.</summary>
    internal void Forget(uint slot)
    {
        if (slots.States[slot] == SlotState.Live)
            Remove(slots.Labels[slot]);
        slots.MarkDirty(slot);
        slots.Clear(slot);
        dead--;
        unfit--;
    }

    /// <summary>Ends loading: free slots are known, walks have a beginning.</summary>
    internal void Complete(uint entry, ulong insertsBefore)
    {
        inserts = insertsBefore;
        slots.CollectFree();
        if (entry == 0 || slots.States[entry] == SlotState.Free || slots.Levels[entry] < HighestLevel())
            entry = HighestSlot();
        graph.SetEntry(entry, entry == 0 ? 0 : slots.Levels[entry]);
    }

    private int HighestLevel()
    {
        uint highest = HighestSlot();
        return highest == 0 ? 0 : slots.Levels[highest];
    }
}

using ClawFS.Vectors.Graph;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    /// <summary>Copies the vector of a label as the index has it: at unit length for <see cref="Metric.Cosine"/>. Others may add, remove and search meanwhile.</summary>
    /// <param name="label">The label.</param>
    /// <param name="vector">Room for as many floats as the index has dimensions.</param>
    /// <returns>False: it has no vector (any more), and the room holds nothing of use.</returns>
    public bool TryCopy(uint label, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vector.Length, options.Dimensions);
        if (source is not null)
        {
            source.Read([label], vector);
            if (options.Metric == Metric.Cosine)
                UnitLength.Scale(vector);
            return Contains(label) && UnitLength.IsFinite(vector);
        }

        // Within a walk no slot that is met is given out again, so the row stays what it was.
        SearchContext context = epochs.Begin();
        try
        {
            uint slot = labels.Slot(label);
            if (slot == 0)
                return false;
            new ReadOnlySpan<float>(slots.Floats + ((long)slot * slots.FloatStride), options.Dimensions).CopyTo(vector);
            return true;
        }
        finally
        {
            context.End();
        }
    }
}

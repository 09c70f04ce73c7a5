namespace ClawFS.Vectors;

/// <summary>Where a <see cref="VectorStorage.Compact"/> index gets full-precision vectors from, for the few it ranks again. Called by many threads at once.</summary>
public abstract class VectorSource
{
    /// <summary>
    /// Reads the vectors of labels. The label may have been removed, or replaced, while the search ran: of one that has no vector, the row is filled with NaN, and the hit is dropped.
    /// </summary>
    /// <param name="labels">At most a few hundred, in no order.</param>
    /// <param name="rows">Room for one vector a label, each <see cref="HnswOptions.Dimensions"/> floats, as they were given to <see cref="HnswIndex.Add"/>.</param>
    public abstract void Read(ReadOnlySpan<uint> labels, Span<float> rows);
}

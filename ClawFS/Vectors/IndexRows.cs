namespace ClawFS.Vectors;

/// <summary>Takes the rows of an index that changed, to store each under its kind and slot. Spans are valid during the call only.</summary>
public abstract class IndexRows
{
    /// <summary>The links of a slot, with its label and level; replaces the row of that slot.</summary>
    public abstract void Links(uint slot, ReadOnlySpan<byte> row);

    /// <summary>The codes of a slot; replaces the row of that slot. Not called for <see cref="VectorStorage.FloatsOnly"/>.</summary>
    public abstract void Codes(uint slot, ReadOnlySpan<byte> row);

    /// <summary>The slot is free: its rows of both kinds are to be deleted, if there are any.</summary>
    public abstract void Free(uint slot);
}

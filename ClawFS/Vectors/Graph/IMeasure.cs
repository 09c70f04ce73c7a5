namespace ClawFS.Vectors.Graph;

/// <summary>
/// Distances from one vector to the slots of the index, as integers that order like the distance. A struct, so that the walk is compiled for each kind and nothing is
/// called through a table.
/// </summary>
internal interface IMeasure<TSelf>
    where TSelf : struct, IMeasure<TSelf>
{
    /// <summary>Distances from the query that the context holds.</summary>
    static abstract TSelf FromQuery(SearchContext context, Memory.SlotTable slots);

    /// <summary>Distances from a slot's vector. For codes, uses the context's query buffers: one at a time.</summary>
    static abstract TSelf FromSlot(SearchContext context, Memory.SlotTable slots, uint slot);

    /// <summary>The distance to a slot.</summary>
    uint Key(uint slot);

    /// <summary>The distance between two slots, comparable with <see cref="Key"/> of <see cref="FromSlot"/>.</summary>
    uint Between(uint one, uint other);

    /// <summary>Asks for the slot's vector to be brought near.</summary>
    void Prefetch(uint slot);
}

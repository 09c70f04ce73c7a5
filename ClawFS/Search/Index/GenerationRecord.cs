namespace ClawFS.Search.Index;

/// <summary>Kinds of records in the log of a generation (docs/index-log.md).</summary>
internal enum GenerationRecord : byte
{
    /// <summary>What the generation is (<see cref="GenerationHead"/>).</summary>
    Head = 1,
    /// <summary>The model's bytes.</summary>
    Model = 2,
    /// <summary>The links of a slot; replaces those it had.</summary>
    Links = 3,
    /// <summary>The codes of a slot; replaces those it had.</summary>
    Codes = 4,
    /// <summary>A slot that is free.</summary>
    Free = 5,
    /// <summary>All that was written so far counts; holds the header of the graph.</summary>
    Commit = 6,
}

namespace ClawFS.Search;

/// <summary>How far the index is.</summary>
public sealed record IndexStatus
{
    /// <summary>"loading", "reading" (files are looked at after an opening), "fitting", "embedding", "ready".</summary>
    public required string State { get; init; }

    /// <summary>Files that are searchable.</summary>
    public int Files { get; init; }

    /// <summary>Files that are not, for a reason (sys/index/skipped).</summary>
    public int Skipped { get; init; }

    /// <summary>Passages of the files.</summary>
    public int Chunks { get; init; }

    /// <summary>Different terms.</summary>
    public int Terms { get; init; }

    /// <summary>Files that wait to be looked at.</summary>
    public int Waiting { get; init; }

    /// <summary>What makes vectors now, with its dimensions and generation: "lsi 256 generation 3"; "loading" after an opening, "none" without vectors.</summary>
    public string Embedder { get; init; } = "";

    /// <summary>Passages that have a vector of this generation.</summary>
    public int Embedded { get; init; }

    /// <summary>Models that were fitted since the store was opened, the one under way included.</summary>
    public int Fits { get; init; }

    /// <summary>The model of the generation that is being made; null while none is.</summary>
    public string? Next { get; init; }

    /// <summary>Progress of a fit or a new generation in percent, or -1.</summary>
    public int Percent { get; init; } = -1;

    /// <summary>Bytes of the index in memory: words, vectors, graph.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Bytes of the index in the store.</summary>
    public long StoredBytes { get; init; }

    /// <summary>What went wrong last with the embedder; null when nothing did.</summary>
    public string? Trouble { get; init; }
}

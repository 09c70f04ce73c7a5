namespace ClawFS.Search.Semantic;

/// <summary>How a model is fitted.</summary>
internal sealed record LsiOptions
{
    /// <summary>The most dimensions, 2 to 384; not more than a quarter of the chunks, but 8 in any case.</summary>
    internal int Dimensions { get; init; } = 256;

    /// <summary>A term in fewer chunks says nothing about others.</summary>
    internal int MinChunks { get; init; } = 2;

    /// <summary>A term in a larger share of the chunks tells none apart.</summary>
    internal double MaxShare { get; init; } = 0.3;

    /// <summary>The most terms; of more, those in the most chunks are taken.</summary>
    internal int MaxTerms { get; init; } = 60_000;

    /// <summary>How far strong dimensions are weakened: each is divided by its singular value to this power, 0 to 1.</summary>
    internal double Whitening { get; init; }

    /// <summary>Times the random subspace is turned towards the largest dimensions; each is a pass over all chunks.</summary>
    internal int Iterations { get; init; } = 2;

    /// <summary>Threads of the fit; they do not change its result.</summary>
    internal int Threads { get; init; } = 1;

    /// <summary>Where the random subspace begins: the same chunks and seed give the same model.</summary>
    internal ulong Seed { get; init; } = 1;
}

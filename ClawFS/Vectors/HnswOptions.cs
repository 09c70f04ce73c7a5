namespace ClawFS.Vectors;

/// <summary>Which forms of the vectors an index keeps in memory.</summary>
public enum VectorStorage
{
    /// <summary>Floats and 8-bit codes: walks the codes, ranks again by the floats. The fastest. About (4 + 1) x dimensions + 145 bytes a vector at M = 16.</summary>
    Resident,

    /// <summary>Floats alone: walks them. For data that 8 bits a component do not tell apart.</summary>
    FloatsOnly,

    /// <summary>Codes alone: ranks again by floats that a <see cref="VectorSource"/> reads. About 1 x dimensions + 145 bytes a vector at M = 16.</summary>
    Compact,
}

/// <summary>The shape of an index; fixed for its life.</summary>
public sealed record HnswOptions
{
    private readonly int dimensions = 384;
    private readonly int m = 16;
    private readonly int efConstruction = 200;

    /// <summary>Components of each vector, 2..4096. Default 384.</summary>
    public int Dimensions
    {
        get => dimensions;
        init => dimensions = InRange(value, 2, 4096);
    }

    /// <summary>What "near" means. Default <see cref="Metric.Cosine"/>.</summary>
    public Metric Metric { get; init; } = Metric.Cosine;

    /// <summary>Links of a node on an upper level, 2..64; twice as many on the lowest. More: better recall on hard data, more memory, slower inserts. Default 16.</summary>
    public int M
    {
        get => m;
        init => m = InRange(value, 2, 64);
    }

    /// <summary>Candidates that an insert looks at, 8..4096. More: a better graph, slower inserts. Default 200.</summary>
    public int EfConstruction
    {
        get => efConstruction;
        init => efConstruction = InRange(value, 8, 4096);
    }

    /// <summary>The same seed and the same order of inserts on one thread make the same graph. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// What is kept in memory; up to 16 dimensions always floats alone, whose rows are then no longer than those of codes (64 bytes). Default <see cref="VectorStorage.Resident"/>.
    /// </summary>
    public VectorStorage Storage { get; init; } = VectorStorage.Resident;

    /// <summary>What is kept, the exception for few dimensions applied.</summary>
    internal VectorStorage Kept => Dimensions <= 16 ? VectorStorage.FloatsOnly : Storage;

    private static int InRange(int value, int least, int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        return value;
    }
}

using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;
using ClawFS.Vectors;

namespace ClawFS.Search.Index;

/// <summary>
/// The vectors of one model: the model, the graph of all chunks' vectors, and what they are worth in this store. Searches hold it while they use it; when another one has taken its
/// place, the last of them frees its memory.
/// </summary>
internal sealed class Generation
{
    private readonly HnswIndex graph;
    private int users = 1;

    /// <summary>Makes a generation without vectors; <see cref="Put"/> brings them.</summary>
    /// <param name="number">Which one; its files have this number.</param>
    /// <param name="model">Its model.</param>
    /// <param name="statistics">Of the moment at which it was made.</param>
    /// <param name="settings">How the graph is made.</param>
    /// <param name="rows">Where full vectors are kept.</param>
    public Generation(int number, EmbeddingModel model, TermStatistics statistics, IndexSettings settings, VectorRows rows)
        : this(number, model, statistics, settings, rows, new HnswIndex(OptionsOf(settings, model.Dimensions), settings.IsCompact ? rows : null))
    {
    }

    /// <summary>Makes a generation of what was saved.</summary>
    public Generation(GenerationHead head, EmbeddingModel model, TermStatistics statistics, VectorRows rows, HnswIndex graph)
        : this(head.Number, model, statistics, head.Settings, rows, graph) => Weights = head.Weights;

    private Generation(int number, EmbeddingModel model, TermStatistics statistics, IndexSettings settings, VectorRows rows, HnswIndex graph)
    {
        Number = number;
        Model = model;
        Statistics = statistics;
        Settings = settings;
        Rows = rows;
        this.graph = graph;
    }

    /// <summary>Which one it is.</summary>
    public int Number { get; }

    /// <summary>How it was made.</summary>
    public IndexSettings Settings { get; }

    /// <summary>Floats of a vector.</summary>
    public int Dimensions => Model.Dimensions;

    /// <summary>Chunks that have a vector.</summary>
    public int Count => graph.Count;

    /// <summary>Weighs terms.</summary>
    public TermStatistics Statistics { get; }

    /// <summary>What the vectors are worth beside the words.</summary>
    public FusionWeights Weights { get; set; }

    /// <summary>The model.</summary>
    public EmbeddingModel Model { get; }

    /// <summary>The graph; the holder may use it.</summary>
    public HnswIndex Graph => graph;

    /// <summary>The full vectors.</summary>
    public VectorRows Rows { get; }

    /// <summary>Keeps it in the store; null on a read-only one.</summary>
    public GenerationWriter? Writer { get; set; }

    /// <summary>Whether nobody uses it any more.</summary>
    public bool IsReleased => Volatile.Read(ref users) == 0;

    /// <summary>Bytes in memory.</summary>
    public long MemoryBytes => graph.MemoryBytes + Model.MemoryBytes + Rows.MemoryBytes;

    /// <summary>Bytes in the store.</summary>
    public long StoredBytes => (Writer?.Length ?? 0) + Rows.StoredBytes;

    /// <summary>The shape of the graph.</summary>
    public static HnswOptions OptionsOf(IndexSettings settings, int dimensions) => new()
    {
        Dimensions = dimensions,
        Metric = Metric.Cosine,
        M = settings.M,
        EfConstruction = settings.EfConstruction,
        Storage = settings.IsCompact ? VectorStorage.Compact : VectorStorage.Resident,
    };

    /// <summary>Takes it for a search. False: it is gone, ask for the one in its place.</summary>
    public bool TryHold()
    {
        for (int now = Volatile.Read(ref users); now > 0; now = Volatile.Read(ref users))
        {
            if (Interlocked.CompareExchange(ref users, now + 1, now) == now)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Gives it back; whoever made it does so when another one has taken its place.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            graph.Dispose();
        }
    }

    /// <summary>Whether a chunk has a vector.</summary>
    public bool Contains(uint chunk) => graph.Contains(chunk);

    /// <summary>Gives chunks their vectors. One thread at a time.</summary>
    /// <param name="chunks">Chunks without one.</param>
    /// <param name="vectors">Of each in turn; all zeros: it gets none.</param>
    public void Put(IReadOnlyList<ChunkToEmbed> chunks, ReadOnlySpan<float> vectors)
    {
        // The row first: a compact graph may read it while it is added.
        Rows.Put(chunks, vectors);
        for (int i = 0; i < chunks.Count; i++)
        {
            ReadOnlySpan<float> vector = vectors.Slice(i * Dimensions, Dimensions);
            if (vector.ContainsAnyExcept(0f))
            {
                graph.Add(chunks[i].Chunk, vector);
            }
        }
    }

    /// <summary>Takes a chunk's vector away. By the thread that puts.</summary>
    public void Remove(uint chunk)
    {
        graph.Remove(chunk);
        Rows.Remove(chunk);
    }

    /// <summary>Heals the graph a little; whether there is more to heal.</summary>
    public bool Repair(CancellationToken stop) => graph.Repair(2000, stop);

    /// <summary>Copies the vector of a chunk, of length 1; false: it has none.</summary>
    public bool TryCopy(uint chunk, Span<float> vector) => graph.TryCopy(chunk, vector);

    /// <summary>What a search uses of it, as long as it is held.</summary>
    public VectorView View => new(Model, Statistics, Weights, Near);

    /// <summary>The nearest chunks.</summary>
    public VectorSearch Near(int ef) => (query, allowed, results) =>
    {
        Neighbour[] found = new Neighbour[results.Length];
        int count = graph.Search(query, results.Length, Math.Max(ef, results.Length), allowed is null ? null : new LabelBitmap(allowed), found);
        for (int i = 0; i < count; i++)
        {
            results[i] = new(found[i].Label, 1 - found[i].Distance);
        }
        return count;
    };
}

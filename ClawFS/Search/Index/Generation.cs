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
    private readonly LsiModel model;
    private readonly HnswIndex graph;
    private readonly float[] vector;
    private int users = 1;

    /// <summary>Makes a generation without vectors; <see cref="Put"/> brings them.</summary>
    /// <param name="number">1 for the first since the store was opened.</param>
    /// <param name="model">Its model.</param>
    /// <param name="statistics">Of the moment at which it was fitted.</param>
    /// <param name="settings">How the graph is made.</param>
    public Generation(int number, LsiModel model, TermStatistics statistics, IndexSettings settings)
    {
        Number = number;
        Settings = settings;
        this.model = model;
        Statistics = statistics;
        vector = new float[model.Dimensions];
        graph = new HnswIndex(new HnswOptions
        {
            Dimensions = model.Dimensions,
            Metric = Metric.Cosine,
            M = settings.M,
            EfConstruction = settings.EfConstruction,
        });
    }

    /// <summary>Which one it is.</summary>
    public int Number { get; }

    /// <summary>How it was made.</summary>
    public IndexSettings Settings { get; }

    /// <summary>Floats of a vector.</summary>
    public int Dimensions => model.Dimensions;

    /// <summary>Chunks the model was fitted on.</summary>
    public long FittedOn => model.Chunks;

    /// <summary>Chunks that have a vector.</summary>
    public int Count => graph.Count;

    /// <summary>Weighs terms.</summary>
    public TermStatistics Statistics { get; }

    /// <summary>What the vectors are worth beside the words.</summary>
    public FusionWeights Weights { get; set; }

    /// <summary>The model.</summary>
    public LsiModel Model => model;

    /// <summary>Bytes in memory.</summary>
    public long MemoryBytes => graph.MemoryBytes + model.MemoryBytes;

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

    /// <summary>Gives a chunk its vector, if the model knows one of its terms. One thread at a time.</summary>
    public void Put(uint chunk, in ChunkTerms terms)
    {
        if (model.Embed(terms, vector) > 0)
        {
            graph.Add(chunk, vector);
        }
    }

    /// <summary>Takes a chunk's vector away.</summary>
    public void Remove(uint chunk) => graph.Remove(chunk);

    /// <summary>Heals the graph a little; whether there is more to heal.</summary>
    public bool Repair(CancellationToken stop) => graph.Repair(2000, stop);

    /// <summary>Copies the vector of a chunk, of length 1; false: it has none.</summary>
    public bool TryCopy(uint chunk, Span<float> vector) => graph.TryCopy(chunk, vector);

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

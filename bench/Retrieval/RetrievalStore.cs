using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;
using ClawFS.Search.Text;

namespace ClawOS.Bench.Retrieval;

/// <summary>The searching core of the product over documents in memory: the same chunks, terms, index, vectors and ranking; only the vectors are searched exactly.</summary>
internal sealed class RetrievalStore
{
    private const int CalibrationSamples = 200;

    private readonly TermTable _table = new();
    private readonly InvertedIndex _index = new();
    private readonly List<PendingChunk> _chunks = [];
    private readonly List<int> _documentOf = [];
    private readonly LsiModel _model;
    private readonly float[] _vectors;
    private readonly HybridRanking _ranking;

    internal RetrievalStore(IEnumerable<string> documents, int seed)
    {
        TermCollector collector = new(_table);
        int number = 0;
        foreach (string document in documents)
            Add(collector, Encoding.UTF8.GetBytes(document), number++);
        _index.AddMany(_chunks.ToArray());
        _model = LsiModel.Fit([.. _chunks.Select(static chunk => chunk.Terms)], new LsiOptions { Seed = (ulong)seed, Threads = Environment.ProcessorCount });
        _vectors = new float[(long)_chunks.Count * _model.Dimensions];
        for (int i = 0; i < _chunks.Count; i++)
            _model.Embed(_chunks[i].Terms, _vectors.AsSpan(i * _model.Dimensions));
        Random random = new(seed);
        Weights = Calibration.Measure(random.GetItems(_chunks.ToArray(), Math.Min(CalibrationSamples, _chunks.Count)), _index, _model.Embed, Near, seed);
        _ranking = new HybridRanking(_index, chunk => _chunks[(int)chunk].Terms, TermStatistics.Of(_index));
    }

    internal int Chunks => _chunks.Count;

    internal int Dimensions => _model.Dimensions;

    internal FusionWeights Weights { get; }

    /// <summary>The documents that full text finds, best first.</summary>
    internal List<int> Lexical(string query)
    {
        ScoredChunk[] results = new ScoredChunk[HybridRanking.Depth];
        return Documents(results.AsSpan(0, _index.Search(Read(query).Different, null, results)));
    }

    /// <summary>The documents that the vectors find, best first.</summary>
    internal List<int> Vectors(string query)
    {
        float[] vector = new float[_model.Dimensions];
        ScoredChunk[] results = new ScoredChunk[HybridRanking.Depth];
        return _model.Embed(Read(query).Terms, vector) > 0 ? Documents(results.AsSpan(0, Near(vector, null, results))) : [];
    }

    /// <summary>The documents that both find together, best first.</summary>
    internal List<int> Hybrid(string query)
    {
        QueryTerms terms = Read(query);
        float[] vector = new float[_model.Dimensions];
        float known = _model.Embed(terms.Terms, vector);
        return Documents([.. _ranking.Search(terms, known > 0 ? vector : [], known, Near, Weights, null)]);
    }

    /// <summary>The same with reciprocal rank fusion.</summary>
    internal List<int> ReciprocalRanks(string query)
    {
        QueryTerms terms = Read(query);
        float[] vector = new float[_model.Dimensions];
        ScoredChunk[] lexical = new ScoredChunk[HybridRanking.Depth], near = new ScoredChunk[HybridRanking.Depth];
        int found = _model.Embed(terms.Terms, vector) > 0 ? Near(vector, null, near) : 0;
        return Documents([.. Fusion.ReciprocalRanks(lexical.AsSpan(0, _index.Search(terms.Different, null, lexical)), near.AsSpan(0, found))]);
    }

    private void Add(TermCollector collector, byte[] text, int document)
    {
        List<Chunk> chunks = [];
        Chunker.Split(text, TextKind.Plain, chunks);
        foreach (Chunk chunk in chunks)
        {
            _chunks.Add(new PendingChunk((uint)_chunks.Count, collector.Read(text.AsSpan((int)chunk.Start, chunk.Length), chunk, TextKind.Plain, [])));
            _documentOf.Add(document);
        }
    }

    private QueryTerms Read(string query) => QueryTerms.Read(Encoding.UTF8.GetBytes(query), _table);

    private int Near(ReadOnlySpan<float> vector, ulong[]? allowed, Span<ScoredChunk> results)
    {
        BestChunks best = new(results);
        for (int i = 0; i < _chunks.Count; i++)
            best.Offer(new ScoredChunk((uint)i, DenseRows.Dot(vector, _vectors.AsSpan(i * _model.Dimensions, _model.Dimensions))));
        best.Sort();
        return best.Count;
    }

    /// <summary>A document stands where its best chunk does.</summary>
    private List<int> Documents(ReadOnlySpan<ScoredChunk> chunks)
    {
        List<int> documents = [];
        HashSet<int> seen = [];
        foreach (ScoredChunk chunk in chunks)
        {
            if (seen.Add(_documentOf[(int)chunk.Chunk]))
                documents.Add(_documentOf[(int)chunk.Chunk]);
        }

        return documents;
    }
}

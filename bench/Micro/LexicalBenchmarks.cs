using BenchmarkDotNet.Attributes;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;

namespace ClawOS.Bench.Micro;

/// <summary>Full text over 100,000 chunks of 170 words.</summary>
public class LexicalBenchmarks
{
    private const int Chunks = 100_000;
    private const int Queries = 256;

    private readonly ScoredChunk[] _results = new ScoredChunk[HybridRanking.Depth];
    private readonly InvertedIndex _index = new();
    private ReadOnlyMemory<byte>[] _stored = [];
    private PendingChunk[] _chunks = [];
    private QueryTerms[] _queries = [];
    private ulong[] _allowed = [];
    private TermStatistics? _statistics;
    private int _terms;
    private int _next;

    /// <summary>Words of a query.</summary>
    [Params(5, 20)]
    public int Words { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        SearchCorpus corpus = new();
        _chunks = corpus.Chunks(Chunks);
        _stored = [.. _chunks.Select(static chunk => chunk.Terms.Bytes)];
        _terms = corpus.Table.Count;
        _index.AddMany(_chunks);
        _queries = [.. Enumerable.Range(0, Queries).Select(_ => corpus.Query(Words))];
        _allowed = [.. Enumerable.Range(0, (Chunks / 64) + 1).Select(static _ => 0x0101010101010101UL)];
        _statistics = TermStatistics.Of(_index);
        long postings = _chunks.Sum(static chunk => (long)chunk.Terms.Count);
        Console.WriteLine($"// {postings:N0} postings, {(double)_index.MemoryBytes / postings:F2} bytes each; stored form {(double)_stored.Sum(static bytes => bytes.Length) / postings:F2} bytes each");
    }

    [Benchmark]
    public int Search() => _index.Search(_queries[_next++ % Queries].Different, null, _results.AsSpan(0, 10));

    [Benchmark]
    public int SearchDeep() => _index.Search(_queries[_next++ % Queries].Different, null, _results);

    [Benchmark]
    public int SearchAnEighth() => _index.Search(_queries[_next++ % Queries].Different, _allowed, _results.AsSpan(0, 10));

    /// <summary>What a long query adds: a hundred chunks compared with each other.</summary>
    [Benchmark]
    public int Neighbours()
    {
        int count = _index.Search(_queries[_next++ % Queries].Different, null, _results);
        return NeighbourScores.Of(_results.AsSpan(0, count), chunk => _chunks[chunk].Terms, _statistics!).Length;
    }

    /// <summary>What opening a store costs.</summary>
    [Benchmark]
    public long Load()
    {
        PendingChunk[] chunks = new PendingChunk[Chunks];
        for (int i = 0; i < Chunks; i++)
            chunks[i] = new PendingChunk((uint)i, ChunkTerms.Parse(_stored[i], _terms));
        InvertedIndex index = new();
        index.AddMany(chunks);
        return index.Count;
    }
}

using BenchmarkDotNet.Attributes;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawOS.Bench.Micro;

/// <summary>Vectors from text: a fit over 5,000 chunks, and one embedding.</summary>
public class SemanticBenchmarks
{
    private const int Chunks = 5000;

    private ChunkTerms[] _chunks = [];
    private LsiModel? _model;
    private float[] _vector = [];
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _chunks = [.. new SearchCorpus().Chunks(Chunks).Select(static chunk => chunk.Terms)];
        _model = LsiModel.Fit(_chunks, new LsiOptions());
        _vector = new float[_model.Dimensions];
    }

    [Benchmark]
    public int Fit() => LsiModel.Fit(_chunks, new LsiOptions()).Terms;

    [Benchmark]
    public float Embed() => _model!.Embed(_chunks[_next++ % Chunks], _vector);
}

using BenchmarkDotNet.Attributes;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;

namespace ClawOS.Bench.Micro;

/// <summary>From bytes to terms: each number is for one MiB of text.</summary>
public class TextBenchmarks
{
    private readonly SearchCorpus _corpus = new();
    private readonly List<Chunk> _chunks = [];
    private readonly byte[] _scratch = new byte[TermReader.ScratchBytes];
    private byte[] _text = [];
    private TermCollector _collector = new(new TermTable());
    private InvertedIndex _index = new();
    private uint _next;

    [GlobalSetup]
    public void Setup()
    {
        _text = _corpus.Text(1 << 20);
        _collector = new TermCollector(_corpus.Table);
        _index = new InvertedIndex();
        _next = 0;
    }

    [Benchmark]
    public int Cut()
    {
        _chunks.Clear();
        Chunker.Split(_text, TextKind.Markdown, _chunks);
        return _chunks.Count;
    }

    [Benchmark]
    public int ReadTerms()
    {
        int count = 0;
        TermReader reader = new(_text, TextKind.Markdown, MarkupState.Text, TermPurpose.Index, _scratch);
        while (reader.Next())
            count++;
        return count;
    }

    /// <summary>Everything that indexing does in memory but embedding: cut, read, number, add. The index grows as a store does.</summary>
    [Benchmark]
    public long Index()
    {
        _ = Cut();
        foreach (Chunk chunk in _chunks)
            _index.Add(_next++, _collector.Read(_text.AsSpan((int)chunk.Start, chunk.Length), chunk, TextKind.Markdown, "file.md"u8));
        return _index.Count;
    }
}

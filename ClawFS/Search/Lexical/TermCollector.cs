using ClawFS.Search.Text;

namespace ClawFS.Search.Lexical;

/// <summary>Turns text into <see cref="ChunkTerms"/>. For one thread at a time; several may share a table.</summary>
/// <param name="table">Where new terms get their numbers.</param>
internal sealed class TermCollector(TermTable table)
{
    private readonly byte[] _scratch = new byte[TermReader.ScratchBytes];
    private int[] _terms = new int[1024];
    private int _count;

    /// <summary>The terms of a chunk: those of its text, of its heading path and of the file's name.</summary>
    /// <param name="text">The chunk's bytes.</param>
    /// <param name="chunk">Where they stand.</param>
    /// <param name="kind">How they are read.</param>
    /// <param name="fileName">The last part of the path as UTF-8, or nothing.</param>
    internal ChunkTerms Read(ReadOnlySpan<byte> text, in Chunk chunk, TextKind kind, ReadOnlySpan<byte> fileName)
    {
        Add(text, kind, chunk.State);
        int own = _count;
        if (chunk.Heading.Length > 0)
        {
            Span<byte> heading = stackalloc byte[3 * ChunkRules.MaxHeading];
            if (System.Text.Encoding.UTF8.TryGetBytes(chunk.Heading, heading, out int length))
                Add(heading[..length], TextKind.Plain, MarkupState.Text);
        }

        Add(fileName, TextKind.Plain, MarkupState.Text);

        // A chunk without a word of its own is not found by what stands around it.
        if (own == 0)
            _count = 0;
        ChunkTerms terms = ChunkTerms.From(_terms.AsSpan(0, _count));
        _count = 0;
        return terms;
    }

    private void Add(ReadOnlySpan<byte> text, TextKind kind, MarkupState state)
    {
        TermReader reader = new(text, kind, state, TermPurpose.Index, _scratch);
        while (reader.Next())
        {
            if (_count == _terms.Length)
                Array.Resize(ref _terms, _count * 2);
            _terms[_count++] = table.Add(reader.Term);
        }
    }
}

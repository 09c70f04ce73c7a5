namespace ClawFS.Search.Text;

/// <summary>
/// Cuts a text file into chunks of about <see cref="ChunkRules.EnoughWords"/> to <see cref="ChunkRules.MaxWords"/> words at headings, paragraphs and lines. A file may come in
/// parts; what it is cut into does not depend on them.
/// </summary>
/// <param name="kind">How the file is read.</param>
internal sealed class Chunker(TextKind kind)
{
    /// <summary>Less than this is never left over from a part.</summary>
    internal const int MaxRest = 8192;

    private readonly PieceScanner _scanner = PieceScanner.For(kind);
    private readonly HeadingPath _path = new();
    private long _offset;
    private int _line = 1;
    private long _start;
    private int _firstLine = 1;
    private int _halfWords;
    private string _heading = "";
    private int _level;
    private MarkupState _state;
    private bool _endsLine;

    /// <summary>The chunks of a whole file, in order; none when it is empty.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="kind">How it is read.</param>
    /// <param name="into">Gets them.</param>
    internal static void Split(ReadOnlySpan<byte> utf8, TextKind kind, List<Chunk> into) => new Chunker(kind).Feed(utf8, true, into);

    /// <summary>Takes the next part of the file.</summary>
    /// <param name="part">What the last call left over, and what follows it.</param>
    /// <param name="last">True when the file ends with the part.</param>
    /// <param name="into">Gets the chunks that are complete; the bytes of the last one may have come with earlier parts.</param>
    /// <returns>How many bytes were taken: all when <paramref name="last"/>, else all but fewer than <see cref="MaxRest"/>. The rest is to be given again.</returns>
    internal int Feed(ReadOnlySpan<byte> part, bool last, List<Chunk> into)
    {
        int at = 0;
        while (at < part.Length && _scanner.Next(part[at..], last, out Piece piece))
        {
            Take(piece, part.Slice(at, piece.Length), into);
            at += piece.Length;
        }

        if (last)
            Close(into);
        return at;
    }

    private void Take(in Piece piece, ReadOnlySpan<byte> bytes, List<Chunk> into)
    {
        int level = _path.Level;
        if (piece.Title is not null)
            _path.Enter(piece.Level, piece.Title);
        if (_offset > _start && Ends(piece))
            Close(into);
        if (_offset == _start)
        {
            (_firstLine, _state, _level, _heading) = (_line, piece.State, _path.Level, _path.Text);
        }
        else if (piece.Title is not null && _path.Level > level && _halfWords < 2 * ChunkRules.FewWords)
        {
            (_level, _heading) = (_path.Level, _path.Text);
        }

        _offset += piece.Length;
        _halfWords += piece.HalfWords;
        _line += bytes.Count((byte)'\n');
        _endsLine = bytes[^1] == '\n';
    }

    private bool Ends(in Piece piece)
    {
        if (_offset - _start + piece.Length > ChunkRules.MaxBytes || _halfWords + piece.HalfWords > 2 * ChunkRules.MaxWords)
            return true;
        return piece.Before switch
        {
            BreakBefore.Heading => _halfWords >= 2 * ChunkRules.FewWords || piece.Level <= _level,
            BreakBefore.Paragraph => piece.HalfWords > 0 && _halfWords >= 2 * ChunkRules.EnoughWords,
            _ => false,
        };
    }

    private void Close(List<Chunk> into)
    {
        if (_offset > _start)
            into.Add(new Chunk(_start, (int)(_offset - _start), _firstLine, _endsLine ? _line - 1 : _line, _heading, _state));
        _start = _offset;
        _halfWords = 0;
    }
}

namespace ClawFS.Search.Text;

/// <summary>One piece a line; a long line is cut. Kinds with headings say more about a line.</summary>
internal class LinePieces : PieceScanner
{
    private bool _afterBlank = true;
    private bool _midLine;

    /// <inheritdoc/>
    internal sealed override bool Next(ReadOnlySpan<byte> rest, bool last, out Piece piece)
    {
        int feed = rest[..Math.Min(rest.Length, PieceCut.MaxBytes)].IndexOf((byte)'\n');
        if (feed < 0 && rest.Length <= PieceCut.MaxBytes && !last)
        {
            piece = default;
            return false;
        }

        int length = feed >= 0 ? feed + 1 : rest.Length > PieceCut.MaxBytes ? PieceCut.Find(rest) : rest.Length;
        ReadOnlySpan<byte> line = rest[..length].TrimEnd("\r\n"u8);
        (int level, string? title, BreakBefore before) = (0, null, _afterBlank ? BreakBefore.Paragraph : BreakBefore.Line);
        if (!_midLine && feed >= 0 && !Describe(line, rest[length..], last, ref before, out level, out title))
        {
            piece = default;
            return false;
        }

        piece = new Piece(length, PieceCut.HalfWords(rest[..length]), before, level, title, MarkupState.Text);
        _afterBlank = !_midLine && line.IndexOfAnyExcept(" \t"u8) < 0;
        _midLine = feed < 0;
        return true;
    }

    /// <summary>Says what a whole line brings. Called once for each line, again only after it has answered false.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="next">What follows the line.</param>
    /// <param name="last">True when nothing follows that.</param>
    /// <param name="before">May be raised.</param>
    /// <param name="level">The depth of its title, or 0.</param>
    /// <param name="title">Its title, or nothing.</param>
    /// <returns>False when more of <paramref name="next"/> is needed.</returns>
    private protected virtual bool Describe(ReadOnlySpan<byte> line, ReadOnlySpan<byte> next, bool last, ref BreakBefore before, out int level, out string? title)
    {
        level = 0;
        title = null;
        return true;
    }
}

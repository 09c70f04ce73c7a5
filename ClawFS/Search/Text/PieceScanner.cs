namespace ClawFS.Search.Text;

/// <summary>Cuts a file into pieces from front to back. What it gives does not depend on how the file was cut into parts.</summary>
internal abstract class PieceScanner
{
    /// <summary>Looks at the next piece and counts it as read.</summary>
    /// <param name="rest">The text from the end of the last piece on; not empty.</param>
    /// <param name="last">True when nothing follows <paramref name="rest"/>.</param>
    /// <param name="piece">The piece, at least one byte long.</param>
    /// <returns>False when more text is needed to tell; never when <paramref name="last"/>, nor with 8 KiB given.</returns>
    internal abstract bool Next(ReadOnlySpan<byte> rest, bool last, out Piece piece);

    /// <summary>The scanner for a kind of text.</summary>
    internal static PieceScanner For(TextKind kind) => kind switch
    {
        TextKind.Html => new HtmlPieces(),
        TextKind.Code => new CodePieces(),
        TextKind.Markdown => new ProsePieces(true),
        TextKind.Plain => new ProsePieces(false),
        _ => new LinePieces(),
    };
}

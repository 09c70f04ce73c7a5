namespace ClawFS.Search.Text;

/// <summary>What stands before a piece of text, and so how gladly a chunk ends there.</summary>
internal enum BreakBefore : byte
{
    /// <summary>Nothing, or the end of a line.</summary>
    Line,

    /// <summary>A blank line, a block of HTML, the head of a declaration.</summary>
    Paragraph,

    /// <summary>The piece begins with a heading.</summary>
    Heading,
}

/// <summary>A run of bytes that a chunk takes whole.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="HalfWords">Twice its words; an ideograph counts as half a word.</param>
/// <param name="Before">What stands before it.</param>
/// <param name="Level">The depth of the title that it brings, from 1; 0 when it brings none.</param>
/// <param name="Title">The title, or nothing.</param>
/// <param name="State">Where in HTML markup it begins.</param>
internal readonly record struct Piece(int Length, int HalfWords, BreakBefore Before, int Level, string? Title, MarkupState State);

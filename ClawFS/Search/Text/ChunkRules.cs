namespace ClawFS.Search.Text;

/// <summary>How long chunks are.</summary>
internal static class ChunkRules
{
    /// <summary>No chunk has more bytes, however long its lines or however much of it is markup.</summary>
    internal const int MaxBytes = 8192;

    /// <summary>No chunk has more words (two ideographs count as one), but for the piece that was cut last.</summary>
    internal const int MaxWords = 220;

    /// <summary>From so many words on a chunk ends at the next paragraph.</summary>
    internal const int EnoughWords = 120;

    /// <summary>A section with fewer words goes on into its first subsection.</summary>
    internal const int FewWords = 30;

    /// <summary>The longest heading path, in characters.</summary>
    internal const int MaxHeading = 160;
}

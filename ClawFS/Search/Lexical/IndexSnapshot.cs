namespace ClawFS.Search.Lexical;

/// <summary>What a search sees: it never changes, but chunks may die in its segments.</summary>
/// <param name="Segments">The segments.</param>
/// <param name="Pending">Chunks that are in no segment yet.</param>
/// <param name="Chunks">Living chunks.</param>
/// <param name="TotalLength">The sum of their lengths in terms.</param>
internal sealed record IndexSnapshot(Segment[] Segments, PendingChunk[] Pending, long Chunks, long TotalLength)
{
    internal static readonly IndexSnapshot Empty = new([], [], 0, 0);

    /// <summary>The mean length of a chunk in terms; 0 without chunks.</summary>
    internal double AverageLength => Chunks == 0 ? 0 : (double)TotalLength / Chunks;
}

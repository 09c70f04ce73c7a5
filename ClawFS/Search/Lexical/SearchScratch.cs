namespace ClawFS.Search.Lexical;

/// <summary>A query term with its weight and idf multiplied.</summary>
internal readonly record struct WeighedTerm(int Term, float Weight);

/// <summary>What one search needs for itself; used again by later ones.</summary>
internal sealed class SearchScratch
{
    /// <summary>The query, heaviest first.</summary>
    internal List<WeighedTerm> Terms { get; } = [];

    /// <summary>The most that a term and all behind it can add to a score.</summary>
    internal float[] Bounds { get; } = new float[InvertedIndex.MaxQueryTerms];

    /// <summary>The sums of a segment's slots.</summary>
    internal float[] Sums { get; } = new float[Segment.MaxChunks];

    /// <summary>Slots that can still be among the best.</summary>
    internal ushort[] Candidates { get; } = new ushort[Segment.MaxChunks];
}

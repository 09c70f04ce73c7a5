namespace ClawFS.Search;

/// <summary>What hits are ranked by.</summary>
public enum RankingMode
{
    /// <summary>Words and vectors, their scores joined.</summary>
    Hybrid,
    /// <summary>Words and vectors, their ranks joined (reciprocal rank fusion).</summary>
    Rrf,
    /// <summary>Words alone (BM25).</summary>
    Words,
    /// <summary>Vectors alone.</summary>
    Vectors,
}

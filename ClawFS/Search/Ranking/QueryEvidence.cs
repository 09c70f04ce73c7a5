namespace ClawFS.Search.Ranking;

/// <summary>What a query itself says about its two lists.</summary>
/// <param name="Terms">Different terms of the query that the store has.</param>
/// <param name="KnownShare">Share of the query's weight that the vectors know, 0 to 1.</param>
/// <param name="BestRank">Where full text's best chunk stands among the nearest vectors, from 0; the length of the list when it is not there.</param>
internal readonly record struct QueryEvidence(int Terms, float KnownShare, int BestRank)
{
    private const float FewTerms = 8, ManyTerms = 16;
    private const float LeastKnown = 0.6f;
    private const float GoodRank = 5, RankScale = 20;

    /// <summary>
    /// 0 for a few words, 1 for a question: a long query describes a topic, which its neighbours share; a short one names a thing, which they do not.
    /// </summary>
    internal float Breadth => Math.Clamp((Terms - FewTerms) / (ManyTerms - FewTerms), 0, 1);

    /// <summary>The vectors' part beside full text's 1, before trust: less when they miss words of the query, or put the chunk that has its words far down.</summary>
    internal float VectorPart => (0.2f + (0.6f * Breadth)) * Math.Clamp((KnownShare - LeastKnown) / (1 - LeastKnown), 0, 1) / (1 + (Math.Max(0, BestRank - GoodRank) / RankScale));

    /// <summary>The neighbours' part beside full text's 1, before trust: where vectors are wrong about what belongs together, likeness of words mostly is, too.</summary>
    internal float NeighbourPart => Breadth / 2;
}

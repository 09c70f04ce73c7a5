using ClawFS.Search.Lexical;

namespace ClawFS.Search.Ranking;

/// <summary>
/// One search, from the query's terms to ranked chunks: full text, the nearest vectors, and, for a long query, the company that full text's best chunks keep; summed with
/// weights that follow the evidence. Safe for any number of threads.
/// </summary>
/// <param name="index">Full text.</param>
/// <param name="terms">Finds a chunk's terms; null when it is gone.</param>
/// <param name="statistics">Weighs terms; may be some thousand chunks old.</param>
internal sealed class HybridRanking(InvertedIndex index, Func<uint, ChunkTerms?> terms, TermStatistics statistics)
{
    /// <summary>Chunks of each list that are looked at; more are not ranked.</summary>
    internal const int Depth = 300;

    /// <summary>Ranks the chunks for a query.</summary>
    /// <param name="query">The query's terms.</param>
    /// <param name="vector">Its vector, of length 1; empty when it has none.</param>
    /// <param name="knownShare">The share of the query that the vector stands for, 0 to 1.</param>
    /// <param name="near">Finds near vectors; not called without a vector.</param>
    /// <param name="weights">What the vectors of this generation are worth.</param>
    /// <param name="allowed">A bit for each chunk that may be found, or null.</param>
    /// <returns>The best first; up to twice <see cref="Depth"/>. Scores compare within one query only.</returns>
    internal List<ScoredChunk> Search(QueryTerms query, ReadOnlySpan<float> vector, float knownShare, VectorSearch near, FusionWeights weights, ulong[]? allowed)
    {
        Span<ScoredChunk> lexical = new ScoredChunk[Depth], vectors = new ScoredChunk[Depth];
        lexical = lexical[..index.Search(query.Different, allowed, lexical)];
        vectors = vectors[..(vector.IsEmpty ? 0 : near(vector, allowed, vectors))];
        if (lexical.Length == 0)
            return [.. vectors];
        QueryEvidence evidence = new(query.Different.Length, knownShare, RankOf(lexical[0].Chunk, vectors));
        float neighbourPart = weights.Trust * evidence.NeighbourPart;
        ReadOnlySpan<ScoredChunk> neighbours = neighbourPart > 0 ? NeighbourScores.Of(lexical, terms, statistics) : [];
        return Fusion.Sum(lexical, vectors, weights.Trust * evidence.VectorPart, neighbours, neighbourPart);
    }

    private static int RankOf(uint chunk, ReadOnlySpan<ScoredChunk> list)
    {
        for (int rank = 0; rank < list.Length; rank++)
        {
            if (list[rank].Chunk == chunk)
                return rank;
        }

        return list.Length;
    }
}

using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;

namespace ClawFS.Search.Query;

/// <summary>Ranks chunks for one question, by words, by vectors or by both.</summary>
/// <param name="state">The words.</param>
/// <param name="generation">The vectors, held by the caller; null without.</param>
/// <param name="options">How.</param>
/// <param name="ef">Width of the walk where the options say none.</param>
internal sealed class Ranker(IndexState state, Generation? generation, SearchOptions options, int ef)
{
    /// <summary>The best chunks, at most <paramref name="count"/> by words and as many as both lists give by both.</summary>
    public IReadOnlyList<ScoredChunk> Rank(QueryTerms terms, ulong[]? allowed, int count)
    {
        if (generation is null || options.Mode == RankingMode.Words)
        {
            return options.Mode == RankingMode.Vectors ? [] : ByWords(terms, allowed, count);
        }
        float[] vector = new float[generation.Dimensions];
        float known = generation.Model.Embed(terms.Terms, vector);
        VectorSearch near = generation.Near(options.Ef == 0 ? ef : options.Ef);
        if (count > HybridRanking.Depth || (known == 0 && options.Mode != RankingMode.Vectors))
        {
            // Conditions threw most of the best out: what is left is found by its words.
            return ByWords(terms, allowed, count);
        }
        switch (options.Mode)
        {
            case RankingMode.Vectors:
                return known == 0 ? [] : Nearest(near, vector, allowed, count);
            case RankingMode.Rrf:
                return Fusion.ReciprocalRanks(ByWords(terms, allowed, HybridRanking.Depth), Nearest(near, vector, allowed, HybridRanking.Depth));
            default:
                HybridRanking hybrid = new(state.Words, chunk => state.Chunks[chunk].File is null ? null : state.TermsOf(chunk), generation.Statistics);
                return hybrid.Search(terms, vector, known, near, generation.Weights, allowed);
        }
    }

    private ScoredChunk[] ByWords(QueryTerms terms, ulong[]? allowed, int count)
    {
        ScoredChunk[] best = new ScoredChunk[count];
        return best[..state.Words.Search(terms.Different, allowed, best)];
    }

    private static ScoredChunk[] Nearest(VectorSearch near, float[] vector, ulong[]? allowed, int count)
    {
        ScoredChunk[] best = new ScoredChunk[count];
        return best[..near(vector, allowed, best)];
    }
}

using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Query;

/// <summary>
/// Ranks chunks for one question, by words, by vectors or by both. Nothing is waited for: a question's vector that is not there yet is done without (<see cref="SearchService.Preparing"/> is where
/// whoever asks waits for it).
/// </summary>
/// <param name="state">The words.</param>
/// <param name="vectors">The vectors, held by the caller; null without.</param>
/// <param name="options">How.</param>
/// <param name="ef">Width of the walk where the options say none.</param>
/// <param name="trust">What the vectors count, 0 to 1; null: as measured.</param>
internal sealed class Ranker(IndexState state, VectorView? vectors, SearchOptions options, int ef, float? trust)
{
    private Task<QueryVector>? embedding;

    /// <summary>Why the vectors had no part in the answer; null when nothing went wrong.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Says what is asked, before <see cref="Rank"/>.</summary>
    public void Ask(string text, QueryTerms terms)
    {
        if (vectors is not null && options.Mode != RankingMode.Words)
        {
            embedding = vectors.Model.EmbedQuery(text, terms, CancellationToken.None).AsTask();
        }
    }

    /// <summary>The best chunks, at most <paramref name="count"/> by words and as many as both lists give by both.</summary>
    public IReadOnlyList<ScoredChunk> Rank(QueryTerms terms, ulong[]? allowed, int count)
    {
        if (vectors is null || options.Mode == RankingMode.Words)
        {
            return options.Mode == RankingMode.Vectors ? [] : ByWords(terms, allowed, count);
        }
        (float[] vector, float known) = count > HybridRanking.Depth ? QueryVector.None : Vector();
        VectorSearch near = vectors.Near(options.Ef == 0 ? ef : options.Ef);
        if (count > HybridRanking.Depth || (vector.Length == 0 && options.Mode != RankingMode.Vectors))
        {
            // Conditions threw most of the best out: what is left is found by its words.
            return ByWords(terms, allowed, count);
        }
        switch (options.Mode)
        {
            case RankingMode.Vectors:
                return vector.Length == 0 ? [] : Nearest(near, vector, allowed, count);
            case RankingMode.Rrf:
                return Fusion.ReciprocalRanks(ByWords(terms, allowed, HybridRanking.Depth), Nearest(near, vector, allowed, HybridRanking.Depth));
            default:
                HybridRanking hybrid = new(state.Words, chunk => state.Chunks[chunk].File is null ? null : state.TermsOf(chunk), vectors.Statistics);
                return hybrid.Search(terms, vector, known, near, trust is { } told ? FusionWeights.Of(told) : vectors.Weights, allowed);
        }
    }

    private QueryVector Vector()
    {
        if (embedding is not { IsCompleted: true })
        {
            Trouble = $"by words alone: {vectors!.Model.Name} has not answered";
            return QueryVector.None;
        }
        if (embedding.IsCompletedSuccessfully)
        {
            return embedding.Result;
        }
        Trouble = $"by words alone: {vectors!.Model.Name} has failed: {embedding.Exception?.InnerException?.Message}";
        return QueryVector.None;
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

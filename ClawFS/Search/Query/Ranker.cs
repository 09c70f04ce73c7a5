using ClawFS.Search.Index;
using ClawFS.Search.Lexical;
using ClawFS.Search.Ranking;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Query;

/// <summary>Ranks chunks for one question, by words, by vectors or by both. The question's vector is asked for at once and awaited when it is needed; one that fails or is late is done without.</summary>
/// <param name="state">The words.</param>
/// <param name="generation">The vectors, held by the caller; null without.</param>
/// <param name="options">How.</param>
/// <param name="ef">Width of the walk where the options say none.</param>
internal sealed class Ranker(IndexState state, Generation? generation, SearchOptions options, int ef) : IDisposable
{
    /// <summary>Milliseconds that a question waits for its vector.</summary>
    private const int Patience = 1500;

    private readonly CancellationTokenSource leaving = new();
    private Task<QueryVector>? embedding;

    /// <summary>Why the vectors had no part in the answer; null when nothing went wrong.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Says what is asked, before <see cref="Rank"/>.</summary>
    public void Ask(string text, QueryTerms terms)
    {
        if (generation is not null && options.Mode != RankingMode.Words)
        {
            embedding = generation.Model.EmbedQuery(text, terms, leaving.Token).AsTask();
        }
    }

    /// <summary>Nobody waits for a vector any more.</summary>
    public void Dispose()
    {
        leaving.Cancel();
        leaving.Dispose();
    }

    /// <summary>The best chunks, at most <paramref name="count"/> by words and as many as both lists give by both.</summary>
    public IReadOnlyList<ScoredChunk> Rank(QueryTerms terms, ulong[]? allowed, int count)
    {
        if (generation is null || options.Mode == RankingMode.Words)
        {
            return options.Mode == RankingMode.Vectors ? [] : ByWords(terms, allowed, count);
        }
        (float[] vector, float known) = count > HybridRanking.Depth ? QueryVector.None : Vector();
        VectorSearch near = generation.Near(options.Ef == 0 ? ef : options.Ef);
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
                HybridRanking hybrid = new(state.Words, chunk => state.Chunks[chunk].File is null ? null : state.TermsOf(chunk), generation.Statistics);
                return hybrid.Search(terms, vector, known, near, generation.Weights, allowed);
        }
    }

    private QueryVector Vector()
    {
        if (embedding is null || Task.WaitAny([embedding], Patience) < 0)
        {
            Trouble = $"by words alone: {generation!.Model.Name} has not answered";
            return QueryVector.None;
        }
        if (embedding.IsCompletedSuccessfully)
        {
            return embedding.Result;
        }
        Trouble = $"by words alone: {generation!.Model.Name} has failed: {embedding.Exception?.InnerException?.Message}";
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

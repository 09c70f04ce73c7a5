using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Ranking;

/// <summary>
/// Measures what a generation's vectors are worth, on the store itself: some of a chunk's own words are the query, and the question is whether the vectors lead to the other
/// chunks that have those words. Where unrelated text crowds the dimensions, or texts are too short to say what goes with what, they do not.
/// </summary>
internal static class Calibration
{
    private const int QueryTerms = 8;
    private const int LeastTerms = 6;
    private const int LexicalDepth = 10;
    private const int VectorDepth = 50;

    /// <summary>Questions that are embedded together.</summary>
    internal const int EmbeddedAtOnce = 32;

    /// <param name="chunks">Chunks to draw queries from, with their terms; about 200 drawn at random from the store are enough.</param>
    /// <param name="index">Full text.</param>
    /// <param name="embed">Embeds the queries.</param>
    /// <param name="near">Finds the nearest vectors of this model.</param>
    /// <param name="seed">Chooses the words: the same seed and store give the same weights.</param>
    /// <param name="cancel">Ends the work soon with an <see cref="OperationCanceledException"/>.</param>
    internal static FusionWeights Measure(IEnumerable<PendingChunk> chunks, InvertedIndex index, Func<Lexical.QueryTerms, QueryVector> embed, VectorSearch near, int seed = 1, CancellationToken cancel = default)
    {
        Random random = new(seed);
        double sum = 0;
        int samples = 0;
        foreach (PendingChunk chunk in chunks)
        {
            cancel.ThrowIfCancellationRequested();
            if (chunk.Terms.Total < LeastTerms)
                continue;
            Lexical.QueryTerms query = Draw(chunk.Terms, random);
            if (embed(query) is { IsNone: false } vector && Agreement(chunk.Chunk, query, vector.Vector, index, near) is { } agreement)
            {
                sum += agreement;
                samples++;
            }
        }

        return new FusionWeights(samples == 0 ? 0 : (float)(sum / samples), samples);
    }

    /// <summary>The same for a model that reads text: a query is a run of words as they stand in a chunk.</summary>
    /// <param name="questions">Chunks with what is asked of each as their text and terms.</param>
    /// <param name="embed">Embeds up to <see cref="EmbeddedAtOnce"/> of them; zeros where there is nothing to say.</param>
    /// <param name="index">Full text.</param>
    /// <param name="near">Finds the nearest vectors of the model.</param>
    /// <param name="cancel">Ends the work soon with an <see cref="OperationCanceledException"/>.</param>
    internal static FusionWeights Measure(IEnumerable<ChunkToEmbed> questions, Func<IReadOnlyList<ChunkToEmbed>, float[][]> embed, InvertedIndex index, VectorSearch near, CancellationToken cancel)
    {
        double sum = 0;
        int samples = 0;
        foreach (ChunkToEmbed[] batch in questions.Chunk(EmbeddedAtOnce))
        {
            cancel.ThrowIfCancellationRequested();
            foreach ((ChunkToEmbed question, float[] vector) in batch.Zip(embed(batch)))
            {
                if (vector.AsSpan().ContainsAnyExcept(0f) && Agreement(question.Chunk, Lexical.QueryTerms.From(question.Terms), vector, index, near) is { } agreement)
                {
                    sum += agreement;
                    samples++;
                }
            }
        }

        return new FusionWeights(samples == 0 ? 0 : (float)(sum / samples), samples);
    }

    /// <summary>Up to eight, at most half, of the words of a chunk.</summary>
    private static Lexical.QueryTerms Draw(in ChunkTerms terms, Random random)
    {
        List<int> words = new(terms.Total);
        foreach ((int term, int frequency) in terms)
        {
            for (int i = 0; i < frequency; i++)
                words.Add(term);
        }

        Span<int> all = words.ToArray();
        random.Shuffle(all);
        return Lexical.QueryTerms.From(ChunkTerms.From(all[..Math.Min(QueryTerms, all.Length / 2)]));
    }

    /// <summary>The share of full text's best chunks that are among the nearest vectors, the query's own chunk left out; nothing when no other chunk has the words.</summary>
    private static float? Agreement(uint own, Lexical.QueryTerms query, ReadOnlySpan<float> vector, InvertedIndex index, VectorSearch near)
    {
        Span<ScoredChunk> lexical = stackalloc ScoredChunk[LexicalDepth + 1], vectors = stackalloc ScoredChunk[VectorDepth + 1];
        lexical = lexical[..index.Search(query.Different, null, lexical)];
        vectors = vectors[..near(vector, null, vectors)];
        HashSet<uint> found = [];
        foreach (ScoredChunk chunk in vectors)
        {
            if (chunk.Chunk != own && found.Count < VectorDepth)
                found.Add(chunk.Chunk);
        }

        int looked = 0, agreed = 0;
        foreach (ScoredChunk chunk in lexical)
        {
            if (chunk.Chunk == own || looked == LexicalDepth)
                continue;
            looked++;
            agreed += found.Contains(chunk.Chunk) ? 1 : 0;
        }

        return looked == 0 ? null : (float)agreed / looked;
    }
}

using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Ranking;

/// <summary>
/// Scores a query's best chunks by the company they keep: the sum, over the eight most similar of the others, of likeness times score. Chunks that answer a question tend
/// to resemble each other (the cluster hypothesis; score regularisation of Diaz, 2007), and unlike vectors this needs no fit that unrelated text could spoil.
/// </summary>
internal static class NeighbourScores
{
    /// <summary>So many best chunks are compared.</summary>
    internal const int Depth = 100;

    private const int Neighbours = 8;

    /// <param name="lexical">The best chunks, best first; only the first <see cref="Depth"/> are looked at.</param>
    /// <param name="terms">Finds a chunk's terms; null when it is gone.</param>
    /// <param name="statistics">Weighs terms.</param>
    /// <returns>The chunks that resemble any other, in no order.</returns>
    internal static ScoredChunk[] Of(ReadOnlySpan<ScoredChunk> lexical, Func<uint, ChunkTerms?> terms, TermStatistics statistics)
    {
        int count = Math.Min(lexical.Length, Depth);
        float[] likeness = Likeness(lexical[..count], terms, statistics);
        List<ScoredChunk> scored = [];
        float[] row = new float[count];
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < count; k++)
                (row[k], order[k]) = (k == i ? 0 : -likeness[(i * count) + k], k);
            row.AsSpan().Sort(order.AsSpan());
            float sum = 0;
            for (int k = 0; k < Math.Min(Neighbours, count); k++)
                sum -= row[k] * lexical[order[k]].Score;
            if (sum > 0)
                scored.Add(new ScoredChunk(lexical[i].Chunk, sum));
        }

        return [.. scored];
    }

    /// <summary>The cosines of all pairs, by posting lists over these few chunks.</summary>
    private static float[] Likeness(ReadOnlySpan<ScoredChunk> chunks, Func<uint, ChunkTerms?> terms, TermStatistics statistics)
    {
        int count = chunks.Length;
        List<ulong> keys = [];
        List<float> weights = [];
        for (int i = 0; i < count; i++)
        {
            if (terms(chunks[i].Chunk) is not { } own)
                continue;
            int from = weights.Count;
            float square = 0;
            foreach ((int term, int frequency) in own)
            {
                float weight = WeighedChunks.Weight(frequency) * statistics.Idf(term);
                keys.Add(((ulong)(uint)term << 32) | (uint)i);
                weights.Add(weight);
                square += weight * weight;
            }

            float scale = square > 0 ? 1 / MathF.Sqrt(square) : 0;
            for (int k = from; k < weights.Count; k++)
                weights[k] *= scale;
        }

        // By term: what shares one now lies together.
        ulong[] entries = [.. keys];
        float[] sorted = [.. weights];
        entries.AsSpan().Sort(sorted.AsSpan());
        float[] likeness = new float[count * count];
        for (int from = 0; from < entries.Length;)
        {
            int to = from + 1;
            while (to < entries.Length && entries[to] >> 32 == entries[from] >> 32)
                to++;
            for (int i = from; i < to; i++)
            {
                int row = (int)(uint)entries[i] * count;
                for (int k = i + 1; k < to; k++)
                    likeness[row + (int)(uint)entries[k]] += sorted[i] * sorted[k];
            }

            from = to;
        }

        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < i; k++)
                likeness[(i * count) + k] = likeness[(k * count) + i];
        }

        return likeness;
    }
}

using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>
/// Vectors without a model, for a store too small to fit one: each term adds its weight to two dimensions that its hash chooses, with the signs that it chooses
/// (feature hashing; Weinberger and others, 2009). It compares words, as full text does; it finds no other words of the same kind.
/// </summary>
/// <param name="table">The terms' bytes.</param>
/// <param name="index">How many chunks have a term; weights follow the index as it is when a text is embedded.</param>
internal sealed class HashedEmbedder(TermTable table, InvertedIndex index)
{
    /// <summary>Floats of a vector.</summary>
    internal const int Dimensions = 384;

    /// <summary>The vector of a text.</summary>
    /// <param name="terms">Its terms.</param>
    /// <param name="vector">Gets <see cref="Dimensions"/> floats of length 1 together, or zeros when the text has no term.</param>
    /// <returns>False for zeros.</returns>
    internal bool Embed(in ChunkTerms terms, Span<float> vector)
    {
        vector = vector[..Dimensions];
        vector.Clear();
        foreach ((int term, int frequency) in terms)
        {
            ulong hash = TermHash.Of(table[term]);
            float weight = WeighedChunks.Weight(frequency) * Bm25.Idf(index.Count + 1, Math.Min(index.ChunksWith(term), index.Count));
            vector[(int)((uint)hash % Dimensions)] += (hash & 1UL << 62) != 0 ? weight : -weight;
            vector[(int)((uint)(hash >> 30) % Dimensions)] += (hash & 1UL << 63) != 0 ? weight : -weight;
        }

        return DenseRows.Normalise(vector);
    }
}

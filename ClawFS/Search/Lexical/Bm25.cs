namespace ClawFS.Search.Lexical;

/// <summary>
/// The ranking function: sum over the query's terms of weight x idf x f (k1 + 1) / (f + k1 (1 - b + b length / average length)), with
/// idf = ln(1 + (N - df + 0.5) / (df + 0.5)); Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
/// </summary>
internal static class Bm25
{
    internal const float K1 = 1.2f;
    internal const float B = 0.75f;

    /// <param name="chunks">Chunks in all.</param>
    /// <param name="having">Chunks that have the term.</param>
    internal static float Idf(long chunks, long having) => (float)Math.Log(1 + ((chunks - having + 0.5) / (having + 0.5)));

    /// <summary>The two parts of a chunk's length norm: norm = Constant + Slope x length.</summary>
    internal static (float Constant, float Slope) Norm(double averageLength) => (K1 * (1 - B), (float)(K1 * B / Math.Max(averageLength, 1)));

    /// <summary>One term's part of a score.</summary>
    internal static float Part(float weight, int frequency, float norm) => weight * (K1 + 1) * frequency / (frequency + norm);
}

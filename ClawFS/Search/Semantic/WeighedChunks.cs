using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>
/// The matrix of chunks by terms, never laid out: rows are read from the chunks' own bytes. An entry is (1 + ln occurrences) x idf, each chunk scaled to length 1.
/// </summary>
internal sealed class WeighedChunks
{
    private static readonly float[] Sublinear = [0, .. Enumerable.Range(1, ChunkTerms.MaxFrequency).Select(static count => 1 + MathF.Log(count))];

    private readonly IReadOnlyList<ChunkTerms> _chunks;
    private readonly float[] _idf;
    private readonly int[] _rowOf;
    private readonly float[] _scale;

    internal WeighedChunks(IReadOnlyList<ChunkTerms> chunks, TermSelection selection)
    {
        (_chunks, _idf) = (chunks, selection.Idf);
        _rowOf = new int[selection.Terms.Length == 0 ? 0 : selection.Terms[^1] + 1];
        _rowOf.AsSpan().Fill(-1);
        for (int row = 0; row < selection.Terms.Length; row++)
            _rowOf[selection.Terms[row]] = row;
        _scale = new float[chunks.Count];
        _scale.AsSpan().Fill(1);
        int[] rows = new int[MaxTerms];
        float[] weights = new float[MaxTerms];
        for (int i = 0; i < chunks.Count; i++)
        {
            int count = Read(i, rows, weights);
            float square = DenseRows.Dot(weights.AsSpan(0, count), weights.AsSpan(0, count));
            _scale[i] = square > 0 ? 1 / MathF.Sqrt(square) : 0;
        }
    }

    /// <summary>The weight of a number of occurrences.</summary>
    internal static float Weight(int occurrences) => Sublinear[Math.Min(occurrences, ChunkTerms.MaxFrequency)];

    /// <summary>Chunks.</summary>
    internal int Count => _chunks.Count;

    /// <summary>Terms.</summary>
    internal int Terms => _idf.Length;

    /// <summary>The most terms of a chunk.</summary>
    internal int MaxTerms => Math.Max(1, _mostTerms ??= _chunks.Count == 0 ? 0 : _chunks.Max(static chunk => chunk.Count));

    private int? _mostTerms;

    /// <summary>One row of the matrix.</summary>
    /// <param name="chunk">Which.</param>
    /// <param name="rows">Gets the terms' places in the selection; at least <see cref="MaxTerms"/> long.</param>
    /// <param name="weights">Gets the entries.</param>
    /// <returns>How many there are.</returns>
    internal int Read(int chunk, Span<int> rows, Span<float> weights)
    {
        int count = 0;
        float scale = _scale[chunk];
        foreach ((int term, int frequency) in _chunks[chunk])
        {
            if (term >= _rowOf.Length)
                break;
            int row = _rowOf[term];
            if (row < 0)
                continue;
            rows[count] = row;
            weights[count++] = Sublinear[frequency] * _idf[row] * scale;
        }

        return count;
    }
}

using System.Numerics;
using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>
/// Latent semantic indexing (Deerwester and others, 1990), fitted on the store's own text: terms that occur beside the same terms get vectors of like direction, and a
/// text is the weighted sum of its terms' vectors. It knows which words keep company here, not what they mean. Safe for any number of threads.
/// </summary>
internal sealed partial class LsiModel : EmbeddingModel
{
    private readonly int[] _terms;
    private readonly float[] _idf;
    private readonly int[] _common;
    private readonly int[] _rowOf;
    private readonly float[] _scales;
    private readonly sbyte[] _codes;

    private LsiModel(int dimensions, long chunks, int[] terms, float[] idf, int[] common, float[] scales, sbyte[] codes)
    {
        (Dimensions, FittedOn, _terms, _idf, _common, _scales, _codes) = (dimensions, chunks, terms, idf, common, scales, codes);
        _rowOf = new int[Math.Max(terms.Length == 0 ? 0 : terms[^1] + 1, common.Length == 0 ? 0 : common[^1] + 1)];
        _rowOf.AsSpan().Fill(Unknown);
        for (int row = 0; row < terms.Length; row++)
            _rowOf[terms[row]] = row;
        foreach (int term in common)
            _rowOf[term] = TooCommon;
    }

    // With as many dimensions as chunks nothing would be generalised.
    private const int LeastDimensions = 8, ChunksPerDimension = 4;

    /// <summary>Its name among embedders.</summary>
    internal const string LsiName = "lsi";

    private const int Unknown = -1, TooCommon = -2;

    /// <inheritdoc/>
    public override string Name => LsiName;

    /// <inheritdoc/>
    public override int Dimensions { get; }

    /// <inheritdoc/>
    public override long FittedOn { get; }

    /// <inheritdoc/>
    public override bool ReadsText => false;

    /// <inheritdoc/>
    public override int BatchSize => 64;

    /// <inheritdoc/>
    public override int TermBound => _rowOf.Length;

    /// <summary>Whether a term was in the chunks of the fit, as one that has a vector or one that is too common for it.</summary>
    internal bool Knows(int term) => (uint)term < (uint)_rowOf.Length && _rowOf[term] != Unknown;

    /// <summary>How many terms have a vector.</summary>
    internal int Terms => _terms.Length;

    /// <inheritdoc/>
    public override long MemoryBytes => _codes.LongLength + (4L * (_terms.Length * 3 + _rowOf.Length + _common.Length));

    /// <summary>Fits a model. Took 4 s for 5,000 chunks of 170 words and 10 s for 22,000 of 110 on one busy core; holds 8 bytes x terms x (dimensions + 16) while it runs.</summary>
    /// <param name="chunks">The texts; read several times, from several threads.</param>
    /// <param name="options">How.</param>
    /// <param name="cancel">Ends the work soon with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <returns>A model; one without dimensions when the chunks have no term in common.</returns>
    internal static LsiModel Fit(IReadOnlyList<ChunkTerms> chunks, LsiOptions options, CancellationToken cancel = default, IProgress<double>? progress = null)
    {
        TermSelection selection = TermSelection.Choose(chunks, options);
        WeighedChunks matrix = new(chunks, selection);
        (float[] vectors, double[] values) = TermSpace.Find(matrix, Math.Min(options.Dimensions, Math.Max(LeastDimensions, chunks.Count / ChunksPerDimension)), options, cancel, progress);
        int dimensions = values.Length;
        float[] scales = new float[selection.Terms.Length];
        sbyte[] codes = new sbyte[(long)selection.Terms.Length * dimensions];
        for (int row = 0; row < scales.Length; row++)
        {
            Span<float> vector = vectors.AsSpan(row * dimensions, dimensions);
            for (int i = 0; i < dimensions; i++)
                vector[i] *= (float)Math.Pow(values[i] / values[0], -options.Whitening);
            scales[row] = Quantise(vector, codes.AsSpan(row * dimensions, dimensions));
        }

        return new LsiModel(dimensions, chunks.Count, selection.Terms, selection.Idf, selection.Common, scales, codes);
    }

    /// <summary>The vector of a text.</summary>
    /// <param name="terms">Its terms.</param>
    /// <param name="vector">Gets <see cref="Dimensions"/> floats of length 1 together, or zeros.</param>
    /// <returns>The share of the text's weight that the model knows, 0 to 1; 0 when there is no vector.</returns>
    internal float Embed(in ChunkTerms terms, Span<float> vector)
    {
        vector = vector[..Dimensions];
        vector.Clear();
        float known = 0, unknown = 0;
        float unseen = MathF.Log(Math.Max(2, FittedOn)) + 1;
        foreach ((int term, int frequency) in terms)
        {
            int row = (uint)term < (uint)_rowOf.Length ? _rowOf[term] : Unknown;
            float weight = WeighedChunks.Weight(frequency);
            if (row >= 0)
            {
                weight *= _idf[row];
                AddCode(vector, _codes.AsSpan(row * Dimensions, Dimensions), weight * _scales[row]);
                known += weight * weight;
            }
            else if (row == Unknown)
            {
                weight *= unseen;
                unknown += weight * weight;
            }
        }

        return known > 0 && DenseRows.Normalise(vector) ? known / (known + unknown) : 0;
    }

    /// <summary>The vector of a question: at once, from its terms.</summary>
    internal QueryVector Embed(QueryTerms query)
    {
        float[] vector = new float[Dimensions];
        float known = Embed(query.Terms, vector);
        return known > 0 ? new QueryVector(vector, known) : QueryVector.None;
    }

    /// <inheritdoc/>
    public override ValueTask<QueryVector> EmbedQuery(string text, QueryTerms terms, CancellationToken cancel) => new(Embed(terms));

    /// <inheritdoc/>
    public override ValueTask Embed(IReadOnlyList<ChunkToEmbed> chunks, Memory<float> vectors, CancellationToken cancel)
    {
        for (int i = 0; i < chunks.Count; i++)
            _ = Embed(chunks[i].Terms, vectors.Span.Slice(i * Dimensions, Dimensions));
        return default;
    }

    private static float Quantise(ReadOnlySpan<float> vector, Span<sbyte> codes)
    {
        float largest = 0;
        foreach (float value in vector)
            largest = Math.Max(largest, Math.Abs(value));
        if (largest == 0)
            return 0;
        for (int i = 0; i < vector.Length; i++)
            codes[i] = (sbyte)MathF.Round(vector[i] * 127 / largest);
        return largest / 127;
    }

    private static void AddCode(Span<float> to, ReadOnlySpan<sbyte> codes, float factor)
    {
        Vector<float> factors = new(factor);
        int i = 0;
        for (; i <= to.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(codes[i..]), out Vector<short> low, out Vector<short> high);
            AddShorts(to[i..], low, factors);
            AddShorts(to[(i + Vector<short>.Count)..], high, factors);
        }

        for (; i < to.Length; i++)
            to[i] = MathF.FusedMultiplyAdd(codes[i], factor, to[i]);
    }

    private static void AddShorts(Span<float> to, Vector<short> values, Vector<float> factors)
    {
        Vector.Widen(values, out Vector<int> low, out Vector<int> high);
        Vector.MultiplyAddEstimate(Vector.ConvertToSingle(low), factors, new Vector<float>(to)).CopyTo(to);
        to = to[Vector<float>.Count..];
        Vector.MultiplyAddEstimate(Vector.ConvertToSingle(high), factors, new Vector<float>(to)).CopyTo(to);
    }
}

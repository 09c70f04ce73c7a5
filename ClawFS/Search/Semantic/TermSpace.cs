namespace ClawFS.Search.Semantic;

/// <summary>
/// The largest dimensions of the matrix of chunks by terms: right singular vectors by subspace iteration from a random start (Halko, Martinsson and Tropp, "Finding
/// structure with randomness", 2011). Only two matrices of terms by dimensions are held; chunks are read in passes.
/// </summary>
internal sealed class TermSpace
{
    private const int Oversampling = 16;
    private const int ColumnBlock = 32;

    private readonly WeighedChunks _chunks;
    private readonly int _terms;
    private readonly int _width;
    private readonly int _threads;
    private readonly CancellationToken _cancel;
    private float[] _basis;
    private float[] _product;

    private TermSpace(WeighedChunks chunks, int width, int threads, CancellationToken cancel)
    {
        (_chunks, _terms, _width, _threads, _cancel) = (chunks, chunks.Terms, width, threads, cancel);
        _basis = new float[(long)_terms * width];
        _product = new float[(long)_terms * width];
    }

    /// <param name="chunks">The matrix.</param>
    /// <param name="dimensions">How many are wanted.</param>
    /// <param name="options">Iterations, threads, seed.</param>
    /// <param name="cancel">Ends the work soon with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <returns>The vectors, terms by dimensions, by rows; and the singular values, largest first. Dimensions that the matrix does not have are left out.</returns>
    internal static (float[] Vectors, double[] Values) Find(WeighedChunks chunks, int dimensions, LsiOptions options, CancellationToken cancel, IProgress<double>? progress)
    {
        int width = Math.Min(dimensions + Oversampling, Math.Min(chunks.Count, chunks.Terms));
        if (width == 0)
            return ([], []);
        TermSpace space = new(chunks, width, options.Threads, cancel);
        space.Randomise(options.Seed);
        int passes = options.Iterations + 2;
        for (int pass = 1; pass < passes; pass++)
        {
            space.Multiply();
            space.Orthonormalise();
            progress?.Report((double)pass / passes);
        }

        space.Multiply();
        var result = space.Extract(dimensions);
        progress?.Report(1);
        return result;
    }

    private void Randomise(ulong seed)
    {
        // SplitMix64 and a sum of uniform parts: close enough to a normal distribution, and the same everywhere.
        ulong state = seed;
        for (int i = 0; i < _basis.Length; i++)
        {
            ulong bits = Next(ref state);
            _basis[i] = ((ushort)bits + (ushort)(bits >> 16) + (ushort)(bits >> 32) + (ushort)(bits >> 48) - 131070f) / 37837f;
        }
    }

    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>product = transposed matrix x matrix x basis, a block of columns at a time.</summary>
    private void Multiply()
    {
        Array.Clear(_product);
        int blocks = (_width + ColumnBlock - 1) / ColumnBlock;
        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = _cancel }, block =>
        {
            int first = block * ColumnBlock, columns = Math.Min(ColumnBlock, _width - first);
            int[] rows = new int[_chunks.MaxTerms];
            float[] weights = new float[_chunks.MaxTerms];
            Span<float> sum = stackalloc float[ColumnBlock];
            sum = sum[..columns];
            for (int chunk = 0; chunk < _chunks.Count; chunk++)
            {
                if (chunk % 1024 == 0)
                    _cancel.ThrowIfCancellationRequested();
                int count = _chunks.Read(chunk, rows, weights);
                sum.Clear();
                for (int i = 0; i < count; i++)
                    DenseRows.AddScaled(sum, _basis.AsSpan((rows[i] * _width) + first, columns), weights[i]);
                for (int i = 0; i < count; i++)
                    DenseRows.AddScaled(_product.AsSpan((rows[i] * _width) + first, columns), sum, weights[i]);
            }
        });
    }

    /// <summary>basis = product, its columns made orthonormal by the eigenvectors of its Gram matrix; directions that it lacks become zero.</summary>
    private void Orthonormalise()
    {
        double[] gram = Gram(_product, _product);
        double[] values = SymmetricEigen.Solve(gram, _width);
        float[] turn = new float[_width * _width];
        for (int i = 0; i < _width; i++)
        {
            double scale = values[i] > values[0] * 1e-9 ? 1 / Math.Sqrt(values[i]) : 0;
            for (int k = 0; k < _width; k++)
                turn[(k * _width) + i] = (float)(gram[(i * _width) + k] * scale);
        }

        Turn(_product, turn, _width, _basis);
    }

    private (float[] Vectors, double[] Values) Extract(int dimensions)
    {
        double[] middle = Gram(_basis, _product);
        double[] values = SymmetricEigen.Solve(middle, _width);
        int kept = Math.Min(dimensions, values.Count(value => value > values[0] * 1e-6 && value > 0));
        float[] turn = new float[_width * kept];
        for (int i = 0; i < kept; i++)
        {
            for (int k = 0; k < _width; k++)
                turn[(k * kept) + i] = (float)middle[(i * _width) + k];
        }

        float[] vectors = new float[(long)_terms * kept];
        _product = [];
        Turn(_basis, turn, kept, vectors);
        _basis = [];
        return (vectors, [.. values.Take(kept).Select(Math.Sqrt)]);
    }

    /// <summary>Transposed one x other, symmetric by construction; summed in float over few rows, then in double.</summary>
    private double[] Gram(float[] one, float[] other)
    {
        const int Rows = 256;
        double[] gram = new double[_width * _width];
        float[] part = new float[_width * _width];
        Span<float> factors = stackalloc float[4];
        for (int from = 0; from < _terms; from += Rows)
        {
            _cancel.ThrowIfCancellationRequested();
            int end = Math.Min(_terms, from + Rows), row = from;
            Array.Clear(part);
            for (; row + 4 <= end; row += 4)
            {
                for (int i = 0; i < _width; i++)
                {
                    for (int k = 0; k < 4; k++)
                        factors[k] = one[((row + k) * _width) + i];
                    DenseRows.AddFour(part.AsSpan((i * _width) + i, _width - i), other.AsSpan((row * _width) + i), _width, factors);
                }
            }

            for (; row < end; row++)
            {
                for (int i = 0; i < _width; i++)
                    DenseRows.AddScaled(part.AsSpan((i * _width) + i, _width - i), other.AsSpan((row * _width) + i, _width - i), one[(row * _width) + i]);
            }

            for (int i = 0; i < gram.Length; i++)
                gram[i] += part[i];
        }

        for (int i = 0; i < _width; i++)
        {
            for (int k = 0; k < i; k++)
                gram[(i * _width) + k] = gram[(k * _width) + i];
        }

        return gram;
    }

    /// <summary>to = from x turn, row by row.</summary>
    private void Turn(float[] from, float[] turn, int columns, float[] to)
    {
        int whole = _width / 4 * 4;
        for (int row = 0; row < _terms; row++)
        {
            if (row % 1024 == 0)
                _cancel.ThrowIfCancellationRequested();
            ReadOnlySpan<float> source = from.AsSpan(row * _width, _width);
            Span<float> target = to.AsSpan(row * columns, columns);
            target.Clear();
            for (int k = 0; k < whole; k += 4)
                DenseRows.AddFour(target, turn.AsSpan(k * columns), columns, source.Slice(k, 4));
            for (int k = whole; k < _width; k++)
                DenseRows.AddScaled(target, turn.AsSpan(k * columns, columns), source[k]);
        }
    }
}

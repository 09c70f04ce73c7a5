namespace ClawOS.Bench.Hnsw.Data;

/// <summary>
/// Latent semantic indexing by randomised subspace iteration: real text as dense vectors without a downloaded model. Own to the benchmark, so that
/// the vectors stay the same whatever the product's embedder becomes.
/// </summary>
internal sealed class LsiVectors
{
    private const int Oversampling = 16;
    private const int Iterations = 3;
    private readonly TermMatrix terms;
    private readonly float[][] projection;
    private readonly int dimensions;

    /// <summary>Fits on passages; the same passages and seed give the same vectors.</summary>
    public LsiVectors(IReadOnlyList<string[]> passages, int dimensions, int seed)
    {
        this.dimensions = dimensions;
        terms = new TermMatrix(passages);
        (int[] Ids, float[] Weights)[] rows = [.. passages.Select(terms.Row)];
        int width = dimensions + Oversampling;
        Random random = new(seed);
        float[][] basis = DenseMath.NewMatrix<float>(terms.Terms, width);
        foreach (float[] row in basis)
        {
            for (int c = 0; c < width; c++)
                row[c] = (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5);
        }

        DenseMath.Orthonormalise(basis, width);
        float[] image = new float[width];
        for (int i = 0; i < Iterations; i++)
        {
            float[][] next = DenseMath.NewMatrix<float>(terms.Terms, width);
            foreach ((int[] ids, float[] weights) in rows)
            {
                Project(basis, ids, weights, image);
                for (int k = 0; k < ids.Length; k++)
                    DenseMath.AddScaled(next[ids[k]], image, weights[k]);
            }

            DenseMath.Orthonormalise(next, width);
            basis = next;
        }

        float[][] images = DenseMath.NewMatrix<float>(rows.Length, width);
        for (int r = 0; r < rows.Length; r++)
            Project(basis, rows[r].Ids, rows[r].Weights, images[r]);
        float[][] turn = DenseMath.Eigenvectors(DenseMath.Gram(images, width));
        projection = DenseMath.NewMatrix<float>(terms.Terms, dimensions);
        for (int t = 0; t < terms.Terms; t++)
        {
            for (int c = 0; c < width; c++)
                DenseMath.AddScaled(projection[t], turn[c].AsSpan(0, dimensions), basis[t][c]);
        }
    }

    /// <summary>The unit vector of a text; null when no word of it is known.</summary>
    public float[]? Embed(string[] words)
    {
        (int[] ids, float[] weights) = terms.Row(words);
        float[] vector = new float[dimensions];
        Project(projection, ids, weights, vector);
        float length = MathF.Sqrt(DenseMath.Dot(vector, vector));
        if (length < 1e-6f)
            return null;
        for (int i = 0; i < vector.Length; i++)
            vector[i] /= length;
        return vector;
    }

    private static void Project(float[][] basis, int[] ids, float[] weights, float[] into)
    {
        Array.Clear(into);
        for (int k = 0; k < ids.Length; k++)
            DenseMath.AddScaled(into, basis[ids[k]], weights[k]);
    }
}

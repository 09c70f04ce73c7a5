using System.Numerics;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>The little dense algebra that the decomposition needs; matrices are arrays of rows.</summary>
internal static class DenseMath
{
    /// <summary>into += factor * row.</summary>
    public static void AddScaled(Span<float> into, ReadOnlySpan<float> row, float factor)
    {
        Vector<float> f = new(factor);
        int i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(into[i..]) + f * new Vector<float>(row[i..])).CopyTo(into[i..]);
        for (; i < row.Length; i++)
            into[i] += factor * row[i];
    }

    /// <summary>The Gram matrix of the columns.</summary>
    public static double[][] Gram(float[][] rows, int columns)
    {
        double[][] gram = NewMatrix<double>(columns, columns);
        float[][] block = NewMatrix<float>(columns, columns);
        for (int start = 0; start < rows.Length; start += 2048)
        {
            foreach (float[] line in block)
                Array.Clear(line);
            for (int r = start; r < Math.Min(rows.Length, start + 2048); r++)
            {
                for (int c = 0; c < columns; c++)
                    AddScaled(block[c].AsSpan(0, c + 1), rows[r].AsSpan(0, c + 1), rows[r][c]);
            }

            for (int c = 0; c < columns; c++)
            {
                for (int d = 0; d <= c; d++)
                    gram[c][d] += block[c][d];
            }
        }

        for (int c = 0; c < columns; c++)
        {
            for (int d = 0; d < c; d++)
                gram[d][c] = gram[c][d];
        }

        return gram;
    }

    /// <summary>Makes the columns orthonormal (Cholesky QR, twice for accuracy).</summary>
    public static void Orthonormalise(float[][] rows, int columns)
    {
        for (int round = 0; round < 2; round++)
        {
            double[][] gram = Gram(rows, columns);
            for (int c = 0; c < columns; c++)
            {
                for (int d = 0; d <= c; d++)
                {
                    double sum = gram[c][d];
                    for (int k = 0; k < d; k++)
                        sum -= gram[c][k] * gram[d][k];
                    gram[c][d] = c == d ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / gram[d][d];
                }
            }

            // Row x becomes y with L y = x.
            float[][] factor = [.. gram.Select(line => line.Select(value => (float)value).ToArray())];
            foreach (float[] row in rows)
            {
                for (int c = 0; c < columns; c++)
                    row[c] = (row[c] - Dot(factor[c].AsSpan(0, c), row.AsSpan(0, c))) / factor[c][c];
            }
        }
    }

    /// <summary>Eigenvectors of a symmetric matrix by decreasing eigenvalue, as columns (cyclic Jacobi).</summary>
    public static float[][] Eigenvectors(double[][] matrix)
    {
        int n = matrix.Length;
        double[][] vectors = NewMatrix<double>(n, n);
        for (int i = 0; i < n; i++)
            vectors[i][i] = 1;
        for (int sweep = 0; sweep < 8; sweep++)
        {
            for (int p = 0; p < n; p++)
            {
                for (int q = p + 1; q < n; q++)
                    Rotate(matrix, vectors, p, q);
            }
        }

        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => matrix[i][i])];
        // vectors holds eigenvectors as rows.
        float[][] columns = NewMatrix<float>(n, n);
        for (int c = 0; c < n; c++)
        {
            for (int r = 0; r < n; r++)
                columns[r][c] = (float)vectors[order[c]][r];
        }

        return columns;
    }

    private static void Rotate(double[][] a, double[][] v, int p, int q)
    {
        if (Math.Abs(a[p][q]) < 1e-12 * Math.Sqrt(Math.Abs(a[p][p] * a[q][q])) + 1e-300)
            return;
        double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt(theta * theta + 1));
        double c = 1 / Math.Sqrt(t * t + 1);
        double s = t * c;
        RotateRows(a[p], a[q], c, s);
        for (int i = 0; i < a.Length; i++)
            (a[i][p], a[i][q]) = (c * a[i][p] - s * a[i][q], s * a[i][p] + c * a[i][q]);
        RotateRows(v[p], v[q], c, s);
    }

    private static void RotateRows(double[] x, double[] y, double c, double s)
    {
        for (int i = 0; i < x.Length; i++)
            (x[i], y[i]) = (c * x[i] - s * y[i], s * x[i] + c * y[i]);
    }

    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
            sum += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        float total = Vector.Sum(sum);
        for (; i < a.Length; i++)
            total += a[i] * b[i];
        return total;
    }

    public static T[][] NewMatrix<T>(int rows, int columns)
    {
        T[][] matrix = new T[rows][];
        for (int i = 0; i < rows; i++)
            matrix[i] = new T[columns];
        return matrix;
    }
}

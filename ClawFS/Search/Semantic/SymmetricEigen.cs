namespace ClawFS.Search.Semantic;

/// <summary>
/// Eigenvalues and vectors of a small symmetric matrix: Householder reduction to tridiagonal form, then implicit QL; after Bowdler, Martin, Reinsch and Wilkinson,
/// "Handbook for Automatic Computation" II (1971), contributions II/2 and II/3. About 5 n³ operations; meant for n up to about 600.
/// </summary>
internal static class SymmetricEigen
{
    private const int MaxSteps = 60;

    /// <param name="matrix">n x n by rows; becomes the eigenvectors, one a row, each of length 1.</param>
    /// <param name="n">Rows.</param>
    /// <returns>The eigenvalues, largest first, in the order of the rows.</returns>
    internal static double[] Solve(double[] matrix, int n)
    {
        double[] values = new double[n], off = new double[n];
        Reduce(matrix, n, values, off);
        Iterate(matrix, n, values, off);
        return Order(matrix, n, values);
    }

    // Throughout, z[row * n + column]; the reduction leaves the transformation in z, whose columns become the eigenvectors.
    private static void Reduce(double[] z, int n, double[] d, double[] e)
    {
        for (int i = n - 1; i > 0; i--)
        {
            double h = 0, scale = 0;
            for (int k = 0; k < i; k++)
                scale += Math.Abs(z[(i * n) + k]);
            if (i == 1 || scale == 0)
            {
                e[i] = z[(i * n) + i - 1];
                d[i] = 0;
                continue;
            }

            for (int k = 0; k < i; k++)
            {
                z[(i * n) + k] /= scale;
                h += z[(i * n) + k] * z[(i * n) + k];
            }

            double f = z[(i * n) + i - 1];
            double g = f >= 0 ? -Math.Sqrt(h) : Math.Sqrt(h);
            e[i] = scale * g;
            h -= f * g;
            z[(i * n) + i - 1] = f - g;
            f = 0;
            for (int j = 0; j < i; j++)
            {
                z[(j * n) + i] = z[(i * n) + j] / h;
                g = 0;
                for (int k = 0; k <= j; k++)
                    g += z[(j * n) + k] * z[(i * n) + k];
                for (int k = j + 1; k < i; k++)
                    g += z[(k * n) + j] * z[(i * n) + k];
                e[j] = g / h;
                f += e[j] * z[(i * n) + j];
            }

            double half = f / (h + h);
            for (int j = 0; j < i; j++)
            {
                f = z[(i * n) + j];
                e[j] = g = e[j] - (half * f);
                for (int k = 0; k <= j; k++)
                    z[(j * n) + k] -= (f * e[k]) + (g * z[(i * n) + k]);
            }

            d[i] = h;
        }

        d[0] = e[0] = 0;
        Accumulate(z, n, d);
    }

    private static void Accumulate(double[] z, int n, double[] d)
    {
        for (int i = 0; i < n; i++)
        {
            if (d[i] != 0)
            {
                for (int j = 0; j < i; j++)
                {
                    double g = 0;
                    for (int k = 0; k < i; k++)
                        g += z[(i * n) + k] * z[(k * n) + j];
                    for (int k = 0; k < i; k++)
                        z[(k * n) + j] -= g * z[(k * n) + i];
                }
            }

            d[i] = z[(i * n) + i];
            z[(i * n) + i] = 1;
            for (int j = 0; j < i; j++)
                z[(j * n) + i] = z[(i * n) + j] = 0;
        }

        // The iteration turns pairs of eigenvectors: as rows they lie together in memory.
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
                (z[(i * n) + j], z[(j * n) + i]) = (z[(j * n) + i], z[(i * n) + j]);
        }
    }

    private static void Iterate(double[] z, int n, double[] d, double[] e)
    {
        for (int i = 1; i < n; i++)
            e[i - 1] = e[i];
        e[n - 1] = 0;
        for (int l = 0; l < n; l++)
        {
            for (int step = 0; step < MaxSteps; step++)
            {
                int m = l;
                while (m < n - 1 && Math.Abs(e[m]) > 1.2e-16 * (Math.Abs(d[m]) + Math.Abs(d[m + 1])))
                    m++;
                if (m == l)
                    break;
                Shift(z, n, d, e, l, m);
            }
        }
    }

    private static void Shift(double[] z, int n, double[] d, double[] e, int l, int m)
    {
        double g = (d[l + 1] - d[l]) / (2 * e[l]);
        double r = double.Hypot(g, 1);
        g = d[m] - d[l] + (e[l] / (g + (g >= 0 ? r : -r)));
        double s = 1, c = 1, p = 0;
        int i = m - 1;
        for (; i >= l; i--)
        {
            double f = s * e[i], b = c * e[i];
            e[i + 1] = r = double.Hypot(f, g);
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                break;
            }

            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
            Rotate(z.AsSpan(i * n, n), z.AsSpan((i + 1) * n, n), c, s);
        }

        if (r == 0 && i >= l)
            return;
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    private static void Rotate(Span<double> lower, Span<double> upper, double c, double s)
    {
        for (int k = 0; k < lower.Length; k++)
        {
            double f = upper[k];
            upper[k] = (s * lower[k]) + (c * f);
            lower[k] = (c * lower[k]) - (s * f);
        }
    }

    private static double[] Order(double[] z, int n, double[] values)
    {
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(i => values[i])];
        double[] rows = [.. z];
        for (int i = 0; i < n; i++)
            rows.AsSpan(order[i] * n, n).CopyTo(z.AsSpan(i * n, n));
        return [.. order.Select(i => values[i])];
    }
}

using System.Numerics;

namespace ClawFS.Search.Semantic;

/// <summary>Vectorised arithmetic on rows of floats. What it gives does not depend on how columns are shared between threads.</summary>
internal static class DenseRows
{
    /// <summary>to += factor x from.</summary>
    internal static void AddScaled(Span<float> to, ReadOnlySpan<float> from, float factor)
    {
        Vector<float> factors = new(factor);
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.MultiplyAddEstimate(new Vector<float>(from[i..]), factors, new Vector<float>(to[i..])).CopyTo(to[i..]);
        for (; i < to.Length; i++)
            to[i] = MathF.FusedMultiplyAdd(from[i], factor, to[i]);
    }

    /// <summary>to += the sum over the four rows of <paramref name="from"/>, each times its factor.</summary>
    /// <param name="to">As long as a row.</param>
    /// <param name="from">Four rows, the first at 0, the others a stride apart.</param>
    /// <param name="stride">Floats from row to row.</param>
    /// <param name="factors">Four factors.</param>
    internal static void AddFour(Span<float> to, ReadOnlySpan<float> from, int stride, ReadOnlySpan<float> factors)
    {
        ReadOnlySpan<float> a = from[..to.Length], b = from.Slice(stride, to.Length), c = from.Slice(2 * stride, to.Length), d = from.Slice(3 * stride, to.Length);
        Vector<float> fa = new(factors[0]), fb = new(factors[1]), fc = new(factors[2]), fd = new(factors[3]);
        int i = 0;
        for (; i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> sum = new(to[i..]);
            sum = Vector.MultiplyAddEstimate(new Vector<float>(a[i..]), fa, sum);
            sum = Vector.MultiplyAddEstimate(new Vector<float>(b[i..]), fb, sum);
            sum = Vector.MultiplyAddEstimate(new Vector<float>(c[i..]), fc, sum);
            sum = Vector.MultiplyAddEstimate(new Vector<float>(d[i..]), fd, sum);
            sum.CopyTo(to[i..]);
        }

        for (; i < to.Length; i++)
            to[i] += (a[i] * factors[0]) + (b[i] * factors[1]) + (c[i] * factors[2]) + (d[i] * factors[3]);
    }

    internal static float Dot(ReadOnlySpan<float> one, ReadOnlySpan<float> other)
    {
        Vector<float> sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= one.Length - Vector<float>.Count; i += Vector<float>.Count)
            sums = Vector.MultiplyAddEstimate(new Vector<float>(one[i..]), new Vector<float>(other[i..]), sums);
        float sum = Vector.Sum(sums);
        for (; i < one.Length; i++)
            sum += one[i] * other[i];
        return sum;
    }

    /// <summary>Makes the length 1. False, and nothing changed, when there is no direction.</summary>
    internal static bool Normalise(Span<float> row)
    {
        float square = Dot(row, row);
        if (!(square > 1e-24f) || !float.IsFinite(square))
            return false;
        float factor = 1 / MathF.Sqrt(square);
        for (int i = 0; i < row.Length; i++)
            row[i] *= factor;
        return true;
    }
}

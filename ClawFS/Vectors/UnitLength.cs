using System.Numerics;

namespace ClawFS.Vectors;

/// <summary>Lengths of vectors.</summary>
internal static class UnitLength
{
    /// <summary>Divides a vector by its length; a zero vector stays as it is.</summary>
    public static void Scale(Span<float> vector)
    {
        double square = Square(vector);
        if (square == 0)
            return;
        float factor = (float)(1 / Math.Sqrt(square));
        if (float.IsInfinity(factor))
        {
            foreach (ref float value in vector)
                value *= 1e30f;
            Scale(vector);
            return;
        }

        foreach (ref float value in vector)
            value *= factor;
    }

    /// <summary>Whether all components are finite and the squared length is too, as a float.</summary>
    public static bool IsFinite(ReadOnlySpan<float> vector)
    {
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= vector.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> part = new(vector[i..]);
            sum += part * part;
        }

        float rest = Vector.Sum(sum);
        for (; i < vector.Length; i++)
            rest += vector[i] * vector[i];
        return float.IsFinite(rest) && rest < float.MaxValue / 8;
    }

    private static double Square(ReadOnlySpan<float> vector)
    {
        double square = 0;
        foreach (float value in vector)
            square += (double)value * value;
        return square;
    }
}

using System.Numerics;

namespace ClawFS.Vectors.Kernels;

/// <summary>
/// A row of codes taken apart for the x86 kernels, which multiply unsigned by signed bytes: |q| and a mask that is all ones where q is negative. x xor mask is x or -x-1,
/// so the sum of |q| (x xor mask) is the inner product less the sum of |q| over negative q: <see cref="Bias"/>, a constant that does not change an order.
/// </summary>
internal readonly unsafe struct QueryCode
{
    private QueryCode(sbyte* codes, byte* magnitudes, byte* signs, int bias)
    {
        Codes = codes;
        Magnitudes = magnitudes;
        Signs = signs;
        Bias = bias;
    }

    /// <summary>The codes themselves, -127..127.</summary>
    public readonly sbyte* Codes;

    /// <summary>|q|, 0..127.</summary>
    public readonly byte* Magnitudes;

    /// <summary>0xFF where q is negative, else 0.</summary>
    public readonly byte* Signs;

    /// <summary>To add to what <see cref="Kernel.Dot(in QueryCode, sbyte*, int)"/> returns to get the inner product.</summary>
    public readonly int Bias;

    /// <summary>Takes a row apart into two buffers of its length, a multiple of 64. The row must stay where it is while the result is used.</summary>
    public static QueryCode Prepare(sbyte* row, byte* magnitudes, byte* signs, int length)
    {
        int width = Vector<sbyte>.Count;
        Vector<int> bias = Vector<int>.Zero;
        for (int i = 0; i < length; i += width)
        {
            Vector<sbyte> codes = Vector.Load(row + i);
            Vector<sbyte> mask = Vector.LessThan(codes, Vector<sbyte>.Zero);
            Vector<sbyte> size = Vector.Abs(codes);
            Vector.Store(size, (sbyte*)magnitudes + i);
            Vector.Store(mask, (sbyte*)signs + i);
            Vector.Widen(size & mask, out Vector<short> low, out Vector<short> high);
            Vector.Widen(low + high, out Vector<int> first, out Vector<int> second);
            bias += first + second;
        }

        return new QueryCode(row, magnitudes, signs, Vector.Sum(bias));
    }
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ClawFS.Vectors.Kernels;

/// <summary>512-bit kernels. Lengths are multiples of 16 floats or 64 codes; rows are padded with zeros, which add nothing to any of these sums.</summary>
internal static unsafe class Avx512Kernels
{
    /// <summary>Whether this processor has what they use.</summary>
    public static bool IsSupported => Avx512F.IsSupported && Avx512BW.IsSupported;

    /// <summary>Inner product of two rows of floats.</summary>
    public static float Dot(float* a, float* b, int length)
    {
        Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            s0 = Avx512F.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
            s1 = Avx512F.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), s1);
            s2 = Avx512F.FusedMultiplyAdd(Vector512.Load(a + i + 32), Vector512.Load(b + i + 32), s2);
            s3 = Avx512F.FusedMultiplyAdd(Vector512.Load(a + i + 48), Vector512.Load(b + i + 48), s3);
        }

        for (; i < length; i += 16)
            s0 = Avx512F.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>Squared Euclidean distance of two rows of floats.</summary>
    public static float L2(float* a, float* b, int length)
    {
        Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            Vector512<float> d0 = Vector512.Load(a + i) - Vector512.Load(b + i);
            Vector512<float> d1 = Vector512.Load(a + i + 16) - Vector512.Load(b + i + 16);
            Vector512<float> d2 = Vector512.Load(a + i + 32) - Vector512.Load(b + i + 32);
            Vector512<float> d3 = Vector512.Load(a + i + 48) - Vector512.Load(b + i + 48);
            s0 = Avx512F.FusedMultiplyAdd(d0, d0, s0);
            s1 = Avx512F.FusedMultiplyAdd(d1, d1, s1);
            s2 = Avx512F.FusedMultiplyAdd(d2, d2, s2);
            s3 = Avx512F.FusedMultiplyAdd(d3, d3, s3);
        }

        for (; i < length; i += 16)
        {
            Vector512<float> d = Vector512.Load(a + i) - Vector512.Load(b + i);
            s0 = Avx512F.FusedMultiplyAdd(d, d, s0);
        }

        return Vector512.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>
    /// Inner product of a prepared query with a row of codes, less the query's bias (<see cref="QueryCode"/>). |q| times (x xor sign) stays within
    /// 2 * 127 * 128 = 32512 for a pair, so the 16-bit step cannot saturate.
    /// </summary>
    public static int Dot(byte* magnitudes, byte* signs, sbyte* row, int length)
    {
        Vector512<short> ones = Vector512<short>.One;
        Vector512<int> s0 = Vector512<int>.Zero, s1 = s0;
        int i = 0;
        for (; i <= length - 128; i += 128)
        {
            Vector512<sbyte> x0 = Vector512.Load(row + i) ^ Vector512.Load(signs + i).AsSByte();
            Vector512<sbyte> x1 = Vector512.Load(row + i + 64) ^ Vector512.Load(signs + i + 64).AsSByte();
            s0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(magnitudes + i), x0), ones);
            s1 += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(magnitudes + i + 64), x1), ones);
        }

        if (i < length)
        {
            Vector512<sbyte> x = Vector512.Load(row + i) ^ Vector512.Load(signs + i).AsSByte();
            s0 += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Load(magnitudes + i), x), ones);
        }

        return Vector512.Sum(s0 + s1);
    }

    /// <summary>Squared Euclidean distance of two rows of codes.</summary>
    public static int L2(sbyte* a, sbyte* b, int length)
    {
        Vector512<int> s0 = Vector512<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 64)
        {
            Vector512<short> d0 = Avx512BW.ConvertToVector512Int16(Vector256.Load(a + i)) - Avx512BW.ConvertToVector512Int16(Vector256.Load(b + i));
            Vector512<short> d1 = Avx512BW.ConvertToVector512Int16(Vector256.Load(a + i + 32)) - Avx512BW.ConvertToVector512Int16(Vector256.Load(b + i + 32));
            s0 += Avx512BW.MultiplyAddAdjacent(d0, d0);
            s1 += Avx512BW.MultiplyAddAdjacent(d1, d1);
        }

        return Vector512.Sum(s0 + s1);
    }
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ClawFS.Vectors.Kernels;

/// <summary>256-bit kernels for x86 with FMA; the codes' product in one instruction where the processor has AVX-VNNI. Lengths as in <see cref="Avx512Kernels"/>.</summary>
internal static unsafe class Avx2Kernels
{
    /// <summary>Whether this processor has what they use.</summary>
    public static bool IsSupported => Avx2.IsSupported && Fma.IsSupported;

    /// <summary>Inner product of two rows of floats.</summary>
    public static float Dot(float* a, float* b, int length)
    {
        Vector256<float> s0 = Vector256<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i <= length - 32; i += 32)
        {
            s0 = Fma.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Fma.MultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
            s2 = Fma.MultiplyAdd(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16), s2);
            s3 = Fma.MultiplyAdd(Vector256.Load(a + i + 24), Vector256.Load(b + i + 24), s3);
        }

        if (i < length)
        {
            s0 = Fma.MultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Fma.MultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
        }

        return Vector256.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>Squared Euclidean distance of two rows of floats.</summary>
    public static float L2(float* a, float* b, int length)
    {
        Vector256<float> s0 = Vector256<float>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 16)
        {
            Vector256<float> d0 = Vector256.Load(a + i) - Vector256.Load(b + i);
            Vector256<float> d1 = Vector256.Load(a + i + 8) - Vector256.Load(b + i + 8);
            s0 = Fma.MultiplyAdd(d0, d0, s0);
            s1 = Fma.MultiplyAdd(d1, d1, s1);
        }

        return Vector256.Sum(s0 + s1);
    }

    /// <summary>Inner product of a prepared query with a row of codes, less the query's bias.</summary>
    public static int Dot(byte* magnitudes, byte* signs, sbyte* row, int length) => AvxVnni.IsSupported
        ? DotInOneStep(magnitudes, signs, row, length)
        : DotInTwoSteps(magnitudes, signs, row, length);

    /// <summary>With VPMADDUBSW and VPMADDWD; see <see cref="Avx512Kernels.Dot(byte*, byte*, sbyte*, int)"/> for why it cannot saturate.</summary>
    public static int DotInTwoSteps(byte* magnitudes, byte* signs, sbyte* row, int length)
    {
        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> s0 = Vector256<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 64)
        {
            Vector256<sbyte> x0 = Vector256.Load(row + i) ^ Vector256.Load(signs + i).AsSByte();
            Vector256<sbyte> x1 = Vector256.Load(row + i + 32) ^ Vector256.Load(signs + i + 32).AsSByte();
            s0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(magnitudes + i), x0), ones);
            s1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Load(magnitudes + i + 32), x1), ones);
        }

        return Vector256.Sum(s0 + s1);
    }

    /// <summary>With VPDPBUSD, which adds four products to 32 bits at once and does not saturate.</summary>
    public static int DotInOneStep(byte* magnitudes, byte* signs, sbyte* row, int length)
    {
        Vector256<int> s0 = Vector256<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 64)
        {
            Vector256<sbyte> x0 = Vector256.Load(row + i) ^ Vector256.Load(signs + i).AsSByte();
            Vector256<sbyte> x1 = Vector256.Load(row + i + 32) ^ Vector256.Load(signs + i + 32).AsSByte();
            s0 = AvxVnni.MultiplyWideningAndAdd(s0, Vector256.Load(magnitudes + i), x0);
            s1 = AvxVnni.MultiplyWideningAndAdd(s1, Vector256.Load(magnitudes + i + 32), x1);
        }

        return Vector256.Sum(s0 + s1);
    }

    /// <summary>Inner product of two rows of codes, none of which is -128: |a| times (b with a's sign) is within 2 * 127 * 127 for a pair.</summary>
    public static int Dot(sbyte* a, sbyte* b, int length)
    {
        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> s0 = Vector256<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 64)
        {
            Vector256<sbyte> a0 = Vector256.Load(a + i), a1 = Vector256.Load(a + i + 32);
            s0 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx2.Abs(a0), Avx2.Sign(Vector256.Load(b + i), a0)), ones);
            s1 += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Avx2.Abs(a1), Avx2.Sign(Vector256.Load(b + i + 32), a1)), ones);
        }

        return Vector256.Sum(s0 + s1);
    }

    /// <summary>Squared Euclidean distance of two rows of codes.</summary>
    public static int L2(sbyte* a, sbyte* b, int length)
    {
        Vector256<int> s0 = Vector256<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 32)
        {
            Vector256<short> d0 = Avx2.ConvertToVector256Int16(Vector128.Load(a + i)) - Avx2.ConvertToVector256Int16(Vector128.Load(b + i));
            Vector256<short> d1 = Avx2.ConvertToVector256Int16(Vector128.Load(a + i + 16)) - Avx2.ConvertToVector256Int16(Vector128.Load(b + i + 16));
            s0 += Avx2.MultiplyAddAdjacent(d0, d0);
            s1 += Avx2.MultiplyAddAdjacent(d1, d1);
        }

        return Vector256.Sum(s0 + s1);
    }
}

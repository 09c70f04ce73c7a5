using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace ClawFS.Vectors.Kernels;

/// <summary>128-bit kernels for ARM64; the codes' product by SDOT where the processor has it. Lengths as in <see cref="Avx512Kernels"/>.</summary>
internal static unsafe class NeonKernels
{
    /// <summary>Whether this processor has what they use.</summary>
    public static bool IsSupported => AdvSimd.Arm64.IsSupported;

    /// <summary>Inner product of two rows of floats.</summary>
    public static float Dot(float* a, float* b, int length)
    {
        Vector128<float> s0 = Vector128<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (int i = 0; i < length; i += 16)
        {
            s0 = AdvSimd.FusedMultiplyAdd(s0, Vector128.Load(a + i), Vector128.Load(b + i));
            s1 = AdvSimd.FusedMultiplyAdd(s1, Vector128.Load(a + i + 4), Vector128.Load(b + i + 4));
            s2 = AdvSimd.FusedMultiplyAdd(s2, Vector128.Load(a + i + 8), Vector128.Load(b + i + 8));
            s3 = AdvSimd.FusedMultiplyAdd(s3, Vector128.Load(a + i + 12), Vector128.Load(b + i + 12));
        }

        return Vector128.Sum((s0 + s1) + (s2 + s3));
    }

    /// <summary>Squared Euclidean distance of two rows of floats.</summary>
    public static float L2(float* a, float* b, int length)
    {
        Vector128<float> s0 = Vector128<float>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 8)
        {
            Vector128<float> d0 = Vector128.Load(a + i) - Vector128.Load(b + i);
            Vector128<float> d1 = Vector128.Load(a + i + 4) - Vector128.Load(b + i + 4);
            s0 = AdvSimd.FusedMultiplyAdd(s0, d0, d0);
            s1 = AdvSimd.FusedMultiplyAdd(s1, d1, d1);
        }

        return Vector128.Sum(s0 + s1);
    }

    /// <summary>Inner product of two rows of codes.</summary>
    public static int Dot(sbyte* a, sbyte* b, int length) => Dp.IsSupported ? DotInOneStep(a, b, length) : DotInTwoSteps(a, b, length);

    /// <summary>With SDOT.</summary>
    public static int DotInOneStep(sbyte* a, sbyte* b, int length)
    {
        Vector128<int> s0 = Vector128<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 32)
        {
            s0 = Dp.DotProduct(s0, Vector128.Load(a + i), Vector128.Load(b + i));
            s1 = Dp.DotProduct(s1, Vector128.Load(a + i + 16), Vector128.Load(b + i + 16));
        }

        return Vector128.Sum(s0 + s1);
    }

    /// <summary>With SMULL and SADALP: a product fits 16 bits, sums are taken in 32.</summary>
    public static int DotInTwoSteps(sbyte* a, sbyte* b, int length)
    {
        Vector128<int> s0 = Vector128<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 16)
        {
            Vector128<sbyte> x = Vector128.Load(a + i), y = Vector128.Load(b + i);
            s0 = AdvSimd.AddPairwiseWideningAndAdd(s0, AdvSimd.MultiplyWideningLower(x.GetLower(), y.GetLower()));
            s1 = AdvSimd.AddPairwiseWideningAndAdd(s1, AdvSimd.MultiplyWideningUpper(x, y));
        }

        return Vector128.Sum(s0 + s1);
    }

    /// <summary>Squared Euclidean distance of two rows of codes.</summary>
    public static int L2(sbyte* a, sbyte* b, int length)
    {
        Vector128<int> s0 = Vector128<int>.Zero, s1 = s0;
        for (int i = 0; i < length; i += 16)
        {
            Vector128<sbyte> x = Vector128.Load(a + i), y = Vector128.Load(b + i);
            Vector128<short> low = AdvSimd.SubtractWideningLower(x.GetLower(), y.GetLower());
            Vector128<short> high = AdvSimd.SubtractWideningUpper(x, y);
            s0 = AdvSimd.MultiplyWideningLowerAndAdd(s0, low.GetLower(), low.GetLower());
            s0 = AdvSimd.MultiplyWideningUpperAndAdd(s0, low, low);
            s1 = AdvSimd.MultiplyWideningLowerAndAdd(s1, high.GetLower(), high.GetLower());
            s1 = AdvSimd.MultiplyWideningUpperAndAdd(s1, high, high);
        }

        return Vector128.Sum(s0 + s1);
    }
}

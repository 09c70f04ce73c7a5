using System.Runtime.CompilerServices;

namespace ClawFS.Vectors.Kernels;

/// <summary>
/// The best kernels of this processor. The conditions are constants to the JIT, so a call compiles to the chosen kernel alone.
/// Float rows are multiples of 16 long, code rows of 64, and padded with zeros.
/// </summary>
internal static unsafe class Kernel
{
    /// <summary>Name of what was chosen, for statistics.</summary>
    public static string Name => Avx512Kernels.IsSupported ? "AVX-512"
        : Avx2Kernels.IsSupported ? (System.Runtime.Intrinsics.X86.AvxVnni.IsSupported ? "AVX2 with VNNI" : "AVX2")
        : NeonKernels.IsSupported ? "NEON" : "scalar";

    /// <summary>Inner product of two rows of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length) =>
        Avx512Kernels.IsSupported ? Avx512Kernels.Dot(a, b, length)
        : Avx2Kernels.IsSupported ? Avx2Kernels.Dot(a, b, length)
        : NeonKernels.IsSupported ? NeonKernels.Dot(a, b, length) : ScalarKernels.Dot(a, b, length);

    /// <summary>Squared Euclidean distance of two rows of floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float L2(float* a, float* b, int length) =>
        Avx512Kernels.IsSupported ? Avx512Kernels.L2(a, b, length)
        : Avx2Kernels.IsSupported ? Avx2Kernels.L2(a, b, length)
        : NeonKernels.IsSupported ? NeonKernels.L2(a, b, length) : ScalarKernels.L2(a, b, length);

    /// <summary>Inner product of a prepared query with a row of codes, less the query's bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(in QueryCode query, sbyte* row, int length) =>
        Avx512Kernels.IsSupported ? Avx512Kernels.Dot(query.Magnitudes, query.Signs, row, length)
        : Avx2Kernels.IsSupported ? Avx2Kernels.Dot(query.Magnitudes, query.Signs, row, length)
        : NeonKernels.IsSupported ? NeonKernels.Dot(query.Codes, row, length) - query.Bias : ScalarKernels.Dot(query.Codes, row, length) - query.Bias;

    /// <summary>Inner product of two rows of codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(sbyte* a, sbyte* b, int length) =>
        Avx2Kernels.IsSupported ? Avx2Kernels.Dot(a, b, length)
        : NeonKernels.IsSupported ? NeonKernels.Dot(a, b, length) : ScalarKernels.Dot(a, b, length);

    /// <summary>Squared Euclidean distance of two rows of codes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int L2(sbyte* a, sbyte* b, int length) =>
        Avx512Kernels.IsSupported ? Avx512Kernels.L2(a, b, length)
        : Avx2Kernels.IsSupported ? Avx2Kernels.L2(a, b, length)
        : NeonKernels.IsSupported ? NeonKernels.L2(a, b, length) : ScalarKernels.L2(a, b, length);
}

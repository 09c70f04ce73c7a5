using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using ClawFS.Vectors.Kernels;

namespace ClawFS.Vectors.Tests.Kernels;

public sealed unsafe class KernelTests(ITestOutputHelper output) : IDisposable
{
    private const int Most = 4096;
    private readonly float* a = (float*)NativeMemory.AlignedAlloc(Most * 4, 64);
    private readonly float* b = (float*)NativeMemory.AlignedAlloc(Most * 4, 64);
    private readonly sbyte* x = (sbyte*)NativeMemory.AlignedAlloc(Most, 64);
    private readonly sbyte* y = (sbyte*)NativeMemory.AlignedAlloc(Most, 64);
    private readonly byte* magnitudes = (byte*)NativeMemory.AlignedAlloc(Most, 64);
    private readonly byte* signs = (byte*)NativeMemory.AlignedAlloc(Most, 64);

    public void Dispose()
    {
        foreach (nint block in (nint[])[(nint)a, (nint)b, (nint)x, (nint)y, (nint)magnitudes, (nint)signs])
            NativeMemory.AlignedFree((void*)block);
    }

    [Fact]
    public void Every_kernel_of_this_processor_agrees_with_plain_arithmetic_on_floats()
    {
        Random random = new(Seed.For(output));
        foreach (int dimensions in Dimensions(random))
        {
            int length = (dimensions + 15) & ~15;
            Fill(random, dimensions);
            double dot = 0, square = 0, size = 0;
            for (int i = 0; i < dimensions; i++)
            {
                dot += (double)a[i] * b[i];
                size += Math.Abs((double)a[i] * b[i]);
                square += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
            }

            double slack = 1e-5 * (size + square + 1e-30);
            Assert.InRange(ScalarKernels.Dot(a, b, length), dot - slack, dot + slack);
            Assert.InRange(ScalarKernels.L2(a, b, length), square - slack, square + slack);
            Assert.InRange(Kernel.Dot(a, b, length), dot - slack, dot + slack);
            Assert.InRange(Kernel.L2(a, b, length), square - slack, square + slack);
            if (Avx2Kernels.IsSupported)
            {
                Assert.InRange(Avx2Kernels.Dot(a, b, length), dot - slack, dot + slack);
                Assert.InRange(Avx2Kernels.L2(a, b, length), square - slack, square + slack);
            }

            if (Avx512Kernels.IsSupported)
            {
                Assert.InRange(Avx512Kernels.Dot(a, b, length), dot - slack, dot + slack);
                Assert.InRange(Avx512Kernels.L2(a, b, length), square - slack, square + slack);
            }

            if (NeonKernels.IsSupported)
            {
                Assert.InRange(NeonKernels.Dot(a, b, length), dot - slack, dot + slack);
                Assert.InRange(NeonKernels.L2(a, b, length), square - slack, square + slack);
            }
        }
    }

    [Fact]
    public void Every_kernel_of_this_processor_is_exact_on_codes()
    {
        Random random = new(Seed.For(output));
        foreach (int dimensions in Dimensions(random))
        {
            for (int kind = 0; kind < 4; kind++)
                CheckCodes(random, dimensions, kind);
        }
    }

    /// <summary>Kinds: random; all at the largest size with equal signs, and with opposite ones, where 16-bit sums would be full; alternating.</summary>
    private void CheckCodes(Random random, int dimensions, int kind)
    {
        int length = (dimensions + 63) & ~63;
        new Span<sbyte>(x, length).Clear();
        new Span<sbyte>(y, length).Clear();
        int dot = 0, square = 0;
        for (int i = 0; i < dimensions; i++)
        {
            x[i] = (sbyte)(kind switch { 0 => random.Next(-127, 128), 3 => i % 2 == 0 ? 127 : -127, _ => -127 });
            y[i] = (sbyte)(kind switch { 0 => random.Next(-127, 128), 1 => -127, _ => 127 });
            dot += x[i] * y[i];
            square += (x[i] - y[i]) * (x[i] - y[i]);
        }

        QueryCode query = QueryCode.Prepare(x, magnitudes, signs, length);
        Assert.Equal(dot, ScalarKernels.Dot(x, y, length));
        Assert.Equal(square, ScalarKernels.L2(x, y, length));
        Assert.Equal(dot, Kernel.Dot(query, y, length) + query.Bias);
        Assert.Equal(dot, Kernel.Dot(x, y, length));
        Assert.Equal(square, Kernel.L2(x, y, length));
        if (Avx2Kernels.IsSupported)
        {
            Assert.Equal(dot, Avx2Kernels.DotInTwoSteps(magnitudes, signs, y, length) + query.Bias);
            Assert.Equal(dot, Avx2Kernels.Dot(x, y, length));
            Assert.Equal(square, Avx2Kernels.L2(x, y, length));
        }

        if (AvxVnni.IsSupported)
            Assert.Equal(dot, Avx2Kernels.DotInOneStep(magnitudes, signs, y, length) + query.Bias);
        if (Avx512Kernels.IsSupported)
        {
            Assert.Equal(dot, Avx512Kernels.Dot(magnitudes, signs, y, length) + query.Bias);
            Assert.Equal(square, Avx512Kernels.L2(x, y, length));
        }

        if (NeonKernels.IsSupported)
        {
            Assert.Equal(dot, NeonKernels.DotInTwoSteps(x, y, length));
            Assert.Equal(square, NeonKernels.L2(x, y, length));
        }

        if (Dp.IsSupported)
            Assert.Equal(dot, NeonKernels.DotInOneStep(x, y, length));
    }

    private static IEnumerable<int> Dimensions(Random random) =>
        Enumerable.Range(2, 130).Concat([256, 384, 511, 512, 768, 1000, 1024, 1536, 4095, 4096]).Concat(Enumerable.Range(0, 40).Select(_ => random.Next(2, Most + 1)));

    private void Fill(Random random, int dimensions)
    {
        new Span<float>(a, Most).Clear();
        new Span<float>(b, Most).Clear();
        float scale = MathF.Pow(10, random.Next(-8, 9));
        for (int i = 0; i < dimensions; i++)
        {
            a[i] = ((float)random.NextDouble() - 0.5f) * scale;
            b[i] = random.Next(10) == 0 ? 0 : ((float)random.NextDouble() - 0.5f) * scale;
        }
    }
}

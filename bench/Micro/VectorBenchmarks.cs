using BenchmarkDotNet.Attributes;
using ClawFS.Linux;
using ClawFS.Vectors.Kernels;

namespace ClawOS.Bench.Micro;

/// <summary>Distance kernels on rows that are in the cache. Not sealed: BenchmarkDotNet derives from it.</summary>
public unsafe class VectorBenchmarks : IDisposable
{
    private ReservedMemory? memory;
    private float* a, b;
    private sbyte* x, y;
    private QueryCode query;

    [Params(100, 384, 1536)]
    public int Dimensions { get; set; }

    private int Floats => (Dimensions + 15) & ~15;

    private int Codes => (Dimensions + 63) & ~63;

    [GlobalSetup]
    public void Prepare()
    {
        memory = new ReservedMemory(1 << 20, hugePages: true);
        memory.Commit(memory.Most);
        Random random = new(1);
        a = (float*)memory.Address;
        b = a + 4096;
        x = (sbyte*)(b + 4096);
        y = x + 4096;
        for (int i = 0; i < Dimensions; i++)
        {
            (a[i], b[i]) = (random.NextSingle(), random.NextSingle());
            (x[i], y[i]) = ((sbyte)random.Next(-127, 128), (sbyte)random.Next(-127, 128));
        }

        query = QueryCode.Prepare(x, (byte*)(y + 4096), (byte*)(y + 8192), Codes);
    }

    [Benchmark(Baseline = true)]
    public float FloatDot() => Kernel.Dot(a, b, Floats);

    [Benchmark]
    public float FloatL2() => Kernel.L2(a, b, Floats);

    [Benchmark]
    public int CodeDot() => Kernel.Dot(query, y, Codes);

    [Benchmark]
    public int CodeDotUnprepared() => Kernel.Dot(x, y, Codes);

    [Benchmark]
    public int CodeL2() => Kernel.L2(x, y, Codes);

    [Benchmark]
    public float ScalarFloatDot() => ScalarKernels.Dot(a, b, Floats);

    [GlobalCleanup]
    public void Dispose()
    {
        memory?.Dispose();
        GC.SuppressFinalize(this);
    }
}

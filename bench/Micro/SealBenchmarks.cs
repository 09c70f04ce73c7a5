using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using ClawFS.Crypto;
using ClawFS.Store.Segments;

namespace ClawOS.Bench.Micro;

/// <summary>Sealing and opening runs of blocks. Not sealed: BenchmarkDotNet derives from it.</summary>
public class SealBenchmarks : IDisposable
{
    private static readonly BlockPlace s_place = new(Guid.NewGuid(), 42, 7, 0x0123456789ABCDEF, SegmentHeader.Size);
    private readonly SecretKey secret = SecretKey.Random();
    private Aead? key;
    private byte[] plaintext = [], run = [];

    [Params(4 << 10, 64 << 10)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        key = secret.CreateAead();
        plaintext = RandomNumberGenerator.GetBytes(Bytes);
        run = new byte[BlockSealer.SealedLength(Bytes)];
        BlockSealer.Seal(key, s_place, plaintext, run);
    }

    // The same place again and again: the result is thrown away, so no nonce is used twice for anything that is kept.
    [Benchmark]
    public int Seal() => BlockSealer.Seal(key!, s_place, plaintext, run);

    [Benchmark]
    public bool Open() => BlockSealer.Open(key!, s_place, run.AsSpan(0, Bytes), run.AsSpan(Bytes), plaintext, out _);

    [GlobalCleanup]
    public void Dispose()
    {
        key?.Dispose();
        secret.Dispose();
        GC.SuppressFinalize(this);
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ClawFS.Vectors;

namespace ClawOS.Bench.Hnsw;

/// <summary>Vectors in a file, each row sealed with AES-256-GCM and read with pread when it is asked for: what a compact index ranks by in an encrypted store.</summary>
internal sealed class SealedRows : VectorSource, IDisposable
{
    private const int Tag = 16;
    private const int Nonce = 12;
    private readonly int dimensions;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle file;
    private readonly string path;
    private readonly ThreadLocal<(AesGcm Key, byte[] Buffer)> own;

    public SealedRows(string path, float[][] rows)
    {
        this.path = path;
        dimensions = rows[0].Length;
        byte[] secret = RandomNumberGenerator.GetBytes(32);
        own = new(() => (new AesGcm(secret, Tag), new byte[Length]), trackAllValues: true);
        file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite);
        (AesGcm key, byte[] buffer) = own.Value;
        for (int i = 0; i < rows.Length; i++)
        {
            key.Encrypt(NonceOf(i), MemoryMarshal.AsBytes(rows[i].AsSpan()), buffer.AsSpan(0, dimensions * 4), buffer.AsSpan(dimensions * 4));
            RandomAccess.Write(file, buffer, (long)i * Length);
        }
    }

    private int Length => (dimensions * 4) + Tag;

    public override void Read(ReadOnlySpan<uint> labels, Span<float> rows)
    {
        (AesGcm key, byte[] buffer) = own.Value;
        for (int i = 0; i < labels.Length; i++)
        {
            if (RandomAccess.Read(file, buffer, (long)labels[i] * Length) != Length)
                throw new InvalidDataException($"vector {labels[i]} is cut off");
            Span<byte> row = MemoryMarshal.AsBytes(rows.Slice(i * dimensions, dimensions));
            key.Decrypt(NonceOf((int)labels[i]), buffer.AsSpan(0, dimensions * 4), buffer.AsSpan(dimensions * 4), row);
        }
    }

    public void Dispose()
    {
        foreach ((AesGcm key, _) in own.Values)
            key.Dispose();
        own.Dispose();
        file.Dispose();
        File.Delete(path);
    }

    // One key a run and one row a nonce: none is used twice.
    private static byte[] NonceOf(int row)
    {
        byte[] nonce = new byte[Nonce];
        BitConverter.TryWriteBytes(nonce, row);
        return nonce;
    }
}

using System.Security.Cryptography;
using ClawFS.Crypto;

namespace ClawOS.Bench.Spikes;

/// <summary>One run of one shape of a store in a folder of its own.</summary>
internal abstract class ShapeRun(string folder) : IDisposable
{
    private readonly SecretKey secret = SecretKey.Random();
    private Aead? key;
    private ulong nonces;

    /// <summary>How many operations <see cref="Execute"/> does.</summary>
    public abstract int Operations { get; }

    /// <summary>Plaintext bytes that the store holds at the end, 0 where space is not of interest.</summary>
    protected virtual long PlainBytes => 0;

    protected string Folder { get; } = folder;

    protected Aead Key => key ??= secret.CreateAead();

    /// <summary>The timed part.</summary>
    public abstract void Execute();

    /// <summary>Closes the files, so that the space can be seen.</summary>
    protected abstract void Close();

    public double SpaceRatio()
    {
        Close();
        long bytes = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Sum(static f => new FileInfo(f).Length);
        return PlainBytes == 0 ? 0 : (double)bytes / PlainBytes;
    }

    public void Dispose()
    {
        key?.Dispose();
        secret.Dispose();
    }

    /// <summary>Seals as one row, under a nonce that counts.</summary>
    protected ReadOnlySpan<byte> SealRow(ReadOnlySpan<byte> plaintext, byte[] buffer)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        nonce.Clear();
        BitConverter.TryWriteBytes(nonce, ++nonces);
        Key.Seal(nonce, default, plaintext, buffer.AsSpan(0, plaintext.Length + Aead.TagSize));
        return buffer.AsSpan(0, plaintext.Length + Aead.TagSize);
    }

    /// <summary>Opens what was sealed as the n-th row of this run.</summary>
    protected bool OpenRow(ReadOnlySpan<byte> body, ulong n, byte[] plaintext)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        nonce.Clear();
        BitConverter.TryWriteBytes(nonce, n);
        return Key.Open(nonce, default, body, plaintext.AsSpan(0, body.Length - Aead.TagSize));
    }

    /// <summary>Content that no engine can find equal to what it holds already.</summary>
    protected static byte[] Fresh(int length) => RandomNumberGenerator.GetBytes(length);
}

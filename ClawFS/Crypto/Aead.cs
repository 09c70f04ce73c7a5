using System.Security.Cryptography;
using ClawFS.Linux.Sodium;

namespace ClawFS.Crypto;

/// <summary>
/// AES-256-GCM (NIST SP 800-38D) with an expanded key in locked memory: libsodium where the processor has AES instructions,
/// the platform's AesGcm elsewhere. Seal and Open may run on several threads at once, and while
/// another thread disposes; re-keying needs the context alone.
/// </summary>
/// <remarks>
/// Key 32 bytes, nonce 12 bytes, tag 16 bytes, plaintext up to 64 GiB less 32 bytes (here: what a span holds). A nonce must never
/// repeat under one key: two messages under one nonce give away their difference and the authentication key.
/// </remarks>
public sealed class Aead : IDisposable
{
    /// <summary>Nonce length in bytes.</summary>
    public const int NonceSize = 12;

    /// <summary>Tag length in bytes.</summary>
    public const int TagSize = 16;

    private readonly AesGcmEngine engine;

    /// <summary>A context without a key, for <see cref="SetKey"/> or <see cref="SecretKey.DeriveInto"/>.</summary>
    public Aead()
        : this(SodiumAesGcm.IsAvailable ? new SodiumEngine() : new PlatformEngine())
    {
    }

    internal Aead(AesGcmEngine engine)
    {
        this.engine = engine;
    }

    /// <summary>Replaces the key. No allocation with libsodium. Nobody may use the context meanwhile.</summary>
    /// <param name="key"><see cref="SecretKey.Size"/> bytes; the caller zeroes them.</param>
    public void SetKey(ReadOnlySpan<byte> key)
    {
        SecretKey.ThrowUnlessKeySize(key.Length);
        engine.SetKey(key);
    }

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="nonce"><see cref="NonceSize"/> bytes, never used before under this key.</param>
    /// <param name="aad">Authenticated, not encrypted, not stored: what the place of the message says about it.</param>
    /// <param name="plaintext">May be empty; may start where <paramref name="sealedOut"/> starts, no other overlap.</param>
    /// <param name="sealedOut">Ciphertext, then the tag: exactly <see cref="TagSize"/> bytes longer than the plaintext.</param>
    /// <exception cref="ArgumentException">A wrong length or overlap.</exception>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> sealedOut)
    {
        ThrowUnlessFits(nonce, plaintext.Length, sealedOut.Length);
        ThrowIfShifted(plaintext, sealedOut);
        engine.Seal(nonce, aad, plaintext, sealedOut);
    }

    /// <summary>Checks and decrypts.</summary>
    /// <param name="nonce">As at <see cref="Seal"/>.</param>
    /// <param name="aad">As at <see cref="Seal"/>.</param>
    /// <param name="sealedIn">Ciphertext, then the tag.</param>
    /// <param name="plaintext">Exactly <see cref="TagSize"/> bytes shorter; may start where <paramref name="sealedIn"/> starts, no other overlap.</param>
    /// <returns>False: not authentic; the plaintext is all zeros then.</returns>
    /// <exception cref="ArgumentException">A wrong length or overlap.</exception>
    public bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> sealedIn, Span<byte> plaintext)
    {
        ThrowUnlessFits(nonce, plaintext.Length, sealedIn.Length);
        ThrowIfShifted(plaintext, sealedIn);
        if (engine.Open(nonce, aad, sealedIn, plaintext))
            return true;
        CryptographicOperations.ZeroMemory(plaintext);
        return false;
    }

    /// <summary>Zeroes the expanded key.</summary>
    public void Dispose() => engine.Dispose();

    private static void ThrowUnlessFits(ReadOnlySpan<byte> nonce, int plaintext, int ciphertext)
    {
        if (nonce.Length != NonceSize)
            throw new ArgumentException($"a nonce has {NonceSize} bytes, not {nonce.Length}");
        if (ciphertext - TagSize != plaintext)
            throw new ArgumentException($"{plaintext} bytes of plaintext do not go with {ciphertext} sealed bytes");
    }

    private static void ThrowIfShifted(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> ciphertext)
    {
        if (plaintext.Overlaps(ciphertext, out int shift) && shift != 0)
            throw new ArgumentException("plaintext and ciphertext overlap without starting together");
    }
}

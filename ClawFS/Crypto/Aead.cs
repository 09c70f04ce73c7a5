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
        int length = sealedOut.Length - TagSize;
        ThrowUnlessFits(nonce, plaintext.Length, length);
        ThrowIfShifted(plaintext, sealedOut);
        engine.Seal(nonce, aad, plaintext, sealedOut[..length], sealedOut[length..]);
    }

    /// <summary>Encrypts and authenticates, with the tag at a place of its own.</summary>
    /// <param name="nonce"><see cref="NonceSize"/> bytes, never used before under this key.</param>
    /// <param name="aad">Authenticated, not encrypted, not stored.</param>
    /// <param name="plaintext">May be empty; may start where <paramref name="ciphertext"/> starts, no other overlap.</param>
    /// <param name="ciphertext">As long as the plaintext.</param>
    /// <param name="tag"><see cref="TagSize"/> bytes that overlap nothing else.</param>
    /// <exception cref="ArgumentException">A wrong length or overlap.</exception>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        ThrowUnlessFits(nonce, plaintext.Length, ciphertext.Length);
        ThrowUnlessApart(tag, plaintext, ciphertext);
        engine.Seal(nonce, aad, plaintext, ciphertext, tag);
    }

    /// <summary>Checks and decrypts.</summary>
    /// <param name="nonce">As it was sealed with.</param>
    /// <param name="aad">As it was sealed with.</param>
    /// <param name="sealedIn">Ciphertext, then the tag.</param>
    /// <param name="plaintext">Exactly <see cref="TagSize"/> bytes shorter; may start where <paramref name="sealedIn"/> starts, no other overlap.</param>
    /// <returns>False: not authentic; the plaintext is all zeros then.</returns>
    /// <exception cref="ArgumentException">A wrong length or overlap.</exception>
    public bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> sealedIn, Span<byte> plaintext)
    {
        int length = sealedIn.Length - TagSize;
        ThrowUnlessFits(nonce, plaintext.Length, length);
        ThrowIfShifted(plaintext, sealedIn);
        return OpenOrZero(nonce, aad, sealedIn[..length], sealedIn[length..], plaintext);
    }

    /// <summary>Checks and decrypts what was sealed with the tag at a place of its own.</summary>
    /// <param name="nonce">As it was sealed with.</param>
    /// <param name="aad">As it was sealed with.</param>
    /// <param name="ciphertext">As it was sealed.</param>
    /// <param name="tag">Its <see cref="TagSize"/> bytes; they overlap nothing else.</param>
    /// <param name="plaintext">As long as the ciphertext; may start where that starts, no other overlap.</param>
    /// <returns>False: not authentic; the plaintext is all zeros then.</returns>
    /// <exception cref="ArgumentException">A wrong length or overlap.</exception>
    public bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        ThrowUnlessFits(nonce, plaintext.Length, ciphertext.Length);
        ThrowUnlessApart(tag, plaintext, ciphertext);
        return OpenOrZero(nonce, aad, ciphertext, tag, plaintext);
    }

    /// <summary>Zeroes the expanded key.</summary>
    public void Dispose() => engine.Dispose();

    private bool OpenOrZero(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        if (engine.Open(nonce, aad, ciphertext, tag, plaintext))
            return true;
        CryptographicOperations.ZeroMemory(plaintext);
        return false;
    }

    private static void ThrowUnlessFits(ReadOnlySpan<byte> nonce, int plaintext, int ciphertext)
    {
        if (nonce.Length != NonceSize)
            throw new ArgumentException($"a nonce has {NonceSize} bytes, not {nonce.Length}");
        if (ciphertext != plaintext)
            throw new ArgumentException($"{plaintext} bytes of plaintext do not go with {ciphertext} bytes of ciphertext");
    }

    private static void ThrowUnlessApart(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> ciphertext)
    {
        ThrowIfShifted(plaintext, ciphertext);
        if (tag.Length != TagSize)
            throw new ArgumentException($"a tag has {TagSize} bytes, not {tag.Length}");
        if (tag.Overlaps(plaintext) || tag.Overlaps(ciphertext))
            throw new ArgumentException("the tag overlaps plaintext or ciphertext");
    }

    private static void ThrowIfShifted(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> ciphertext)
    {
        if (plaintext.Overlaps(ciphertext, out int shift) && shift != 0)
            throw new ArgumentException("plaintext and ciphertext overlap without starting together");
    }
}

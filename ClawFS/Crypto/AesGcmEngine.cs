namespace ClawFS.Crypto;

/// <summary>One implementation of AES-256-GCM. Lengths and overlaps are checked by <see cref="Aead"/>.</summary>
internal abstract class AesGcmEngine : IDisposable
{
    public abstract void SetKey(ReadOnlySpan<byte> key);

    public abstract void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag);

    public abstract bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext);

    public abstract void Dispose();

    protected static InvalidOperationException NoKey() => new("the context has no key yet");
}

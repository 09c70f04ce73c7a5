using System.Security.Cryptography;

namespace ClawFS.Crypto;

/// <summary>
/// The platform's AesGcm, for processors without AES instructions. Its key schedule is OpenSSL's own memory, not locked; each
/// re-keying allocates; and since an AesGcm carries the state of the message it works on, callers take turns.
/// </summary>
internal sealed class PlatformEngine : AesGcmEngine
{
    private readonly Lock turn = new();
    private AesGcm? cipher;

    public override void SetKey(ReadOnlySpan<byte> key)
    {
        lock (turn)
        {
            cipher?.Dispose();
            cipher = new AesGcm(key, Aead.TagSize);
        }
    }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext, Span<byte> tag)
    {
        lock (turn)
        {
            AesGcm keyed = cipher ?? throw NoKey();
            keyed.Encrypt(nonce, plaintext, ciphertext, tag, aad);
        }
    }

    public override bool Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, Span<byte> plaintext)
    {
        lock (turn)
        {
            AesGcm keyed = cipher ?? throw NoKey();
            try
            {
                keyed.Decrypt(nonce, ciphertext, tag, plaintext, aad);
                return true;
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }
    }

    public override void Dispose()
    {
        lock (turn)
            cipher?.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace ClawFS.Linux.Sodium;

/// <summary>
/// libsodium's AES-256-GCM with an expanded key (doc.libsodium.org, "AES256-GCM", "precomputation interface"). Low level: lengths
/// are the caller's duty, as the parameters say; ClawFS.Crypto checks them.
/// </summary>
/// <remarks>Key 32 bytes, nonce 12 bytes, tag 16 bytes, apart from the ciphertext. Input and output may start at the same address.</remarks>
public static unsafe partial class SodiumAesGcm
{
    private const string Library = "libsodium";

    /// <summary>Whether this processor has the instructions that libsodium needs (AES-NI and PCLMUL, or the ARM crypto extensions).</summary>
    public static bool IsAvailable { get; } = sodium_init() >= 0 && crypto_aead_aes256gcm_is_available() == 1;

    /// <summary>Bytes of an expanded key; it must lie on a 16-byte boundary.</summary>
    public static int StateBytes { get; } = checked((int)crypto_aead_aes256gcm_statebytes());

    /// <summary>Expands a 32-byte key into <paramref name="state"/> (<see cref="StateBytes"/> bytes, 16-byte aligned).</summary>
    public static void BeforeNm(Span<byte> state, ReadOnlySpan<byte> key)
    {
        fixed (byte* s = state, k = key)
            _ = crypto_aead_aes256gcm_beforenm(s, k);
    }

    /// <summary>Encrypts and authenticates; <paramref name="ciphertext"/> is as long as <paramref name="plaintext"/>.</summary>
    public static void EncryptAfterNm(
        Span<byte> ciphertext, Span<byte> tag, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> state)
    {
        fixed (byte* c = ciphertext, t = tag, m = plaintext, ad = aad, n = nonce, s = state)
            _ = crypto_aead_aes256gcm_encrypt_detached_afternm(c, t, null, m, (ulong)plaintext.Length, ad, (ulong)aad.Length, null, n, s);
    }

    /// <summary>Checks and decrypts; <paramref name="plaintext"/> is as long as <paramref name="ciphertext"/>. False: not authentic.</summary>
    public static bool DecryptAfterNm(
        Span<byte> plaintext, ReadOnlySpan<byte> ciphertext, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> state)
    {
        fixed (byte* m = plaintext, c = ciphertext, t = tag, ad = aad, n = nonce, s = state)
            return crypto_aead_aes256gcm_decrypt_detached_afternm(m, null, c, (ulong)ciphertext.Length, t, ad, (ulong)aad.Length, n, s) == 0;
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial int crypto_aead_aes256gcm_is_available();

    [LibraryImport(Library)]
    private static partial nuint crypto_aead_aes256gcm_statebytes();

    [LibraryImport(Library)]
    private static partial int crypto_aead_aes256gcm_beforenm(byte* state, byte* key);

    [LibraryImport(Library)]
    private static partial int crypto_aead_aes256gcm_encrypt_detached_afternm(
        byte* c, byte* mac, ulong* maclen, byte* m, ulong mlen, byte* ad, ulong adlen, byte* nsec, byte* npub, byte* state);

    [LibraryImport(Library)]
    private static partial int crypto_aead_aes256gcm_decrypt_detached_afternm(
        byte* m, byte* nsec, byte* c, ulong clen, byte* mac, byte* ad, ulong adlen, byte* npub, byte* state);
}

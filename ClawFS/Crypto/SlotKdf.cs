using System.Security.Cryptography;
using ClawFS.Linux;
using NSec.Cryptography;

namespace ClawFS.Crypto;

/// <summary>The effort of Argon2id (RFC 9106), always with one lane. Parameters come from a file and may be hostile, so they are bounded.</summary>
/// <param name="MemoryKib">Memory in KiB, 8 to 1,048,576.</param>
/// <param name="Passes">Passes over it, 1 to 16.</param>
internal readonly record struct Argon2Cost(uint MemoryKib, uint Passes)
{
    /// <summary>64 MiB and 3 passes: the second choice of RFC 9106 section 4, with one lane because libsodium has no more; about 0.2 s.</summary>
    internal static Argon2Cost Default => new(64 * 1024, 3);

    internal bool IsBounded => MemoryKib is >= 8 and <= 1024 * 1024 && Passes is >= 1 and <= 16;
}

/// <summary>From a credential to the key that wraps the master key.</summary>
internal static class SlotKdf
{
    internal const byte Hkdf = 1;
    internal const byte Argon2 = 2;

    /// <summary>The derivation a kind of slot uses.</summary>
    internal static byte For(SlotKind kind) => kind == SlotKind.Passphrase ? Argon2 : Hkdf;

    /// <exception cref="LinuxException">ENOMEM: there is no memory for Argon2id.</exception>
    internal static void Derive(Credential credential, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> key)
    {
        switch (credential.Kind)
        {
            case SlotKind.Passphrase:
                Stretch(credential.Secret, salt, cost, key);
                break;
            case SlotKind.KeyFile:
                HKDF.DeriveKey(HashAlgorithmName.SHA256, credential.Secret, key, salt, "claw slot key file"u8);
                break;
            default:
                HKDF.DeriveKey(HashAlgorithmName.SHA256, credential.Secret, key, salt, "claw slot recovery code"u8);
                break;
        }
    }

    private static void Stretch(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, Argon2Cost cost, Span<byte> key)
    {
        Argon2Parameters parameters = new()
        {
            DegreeOfParallelism = 1,
            MemorySize = cost.MemoryKib,
            NumberOfPasses = cost.Passes,
        };
        try
        {
            PasswordBasedKeyDerivationAlgorithm.Argon2id(parameters).DeriveBytes(passphrase, salt, key);
        }
        catch (CryptographicException)
        {
            // With parameters in bounds, libsodium fails for want of memory only.
            throw new LinuxException(Errno.ENOMEM, $"stretch the passphrase in {cost.MemoryKib / 1024} MiB");
        }
    }
}

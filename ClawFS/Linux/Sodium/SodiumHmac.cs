using System.Runtime.InteropServices;

namespace ClawFS.Linux.Sodium;

/// <summary>
/// libsodium's HMAC-SHA256 (RFC 2104, FIPS 180-4) with the key absorbed beforehand, which halves the work for short messages.
/// Low level: lengths are the caller's duty.
/// </summary>
public static unsafe partial class SodiumHmac
{
    /// <summary>Length of a MAC in bytes.</summary>
    public const int MacSize = 32;

    private const string Library = "libsodium";

    /// <summary>Bytes of a state. It is as secret as the key.</summary>
    public static int StateBytes { get; } = checked((int)crypto_auth_hmacsha256_statebytes());

    /// <summary>Absorbs the key, of any length, into <paramref name="state"/> (<see cref="StateBytes"/> bytes).</summary>
    public static void Init(Span<byte> state, ReadOnlySpan<byte> key)
    {
        fixed (byte* s = state, k = key)
            _ = crypto_auth_hmacsha256_init(s, k, (nuint)key.Length);
    }

    /// <summary>Absorbs a part of the message.</summary>
    public static void Update(Span<byte> state, ReadOnlySpan<byte> data)
    {
        fixed (byte* s = state, d = data)
            _ = crypto_auth_hmacsha256_update(s, d, (ulong)data.Length);
    }

    /// <summary>Ends the message; the state is used up. <paramref name="mac"/> has <see cref="MacSize"/> bytes.</summary>
    public static void Final(Span<byte> state, Span<byte> mac)
    {
        fixed (byte* s = state, m = mac)
            _ = crypto_auth_hmacsha256_final(s, m);
    }

    [LibraryImport(Library)]
    private static partial nuint crypto_auth_hmacsha256_statebytes();

    [LibraryImport(Library)]
    private static partial int crypto_auth_hmacsha256_init(byte* state, byte* key, nuint keylen);

    [LibraryImport(Library)]
    private static partial int crypto_auth_hmacsha256_update(byte* state, byte* data, ulong length);

    [LibraryImport(Library)]
    private static partial int crypto_auth_hmacsha256_final(byte* state, byte* mac);
}

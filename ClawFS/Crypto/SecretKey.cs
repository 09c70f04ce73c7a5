using System.Security.Cryptography;
using System.Text;
using ClawFS.Linux;
using ClawFS.Linux.Sodium;

namespace ClawFS.Crypto;

/// <summary>
/// 32 uniformly random bytes in locked memory. Keys for single purposes are derived with HKDF-Expand-SHA256 (RFC 5869 section
/// 2.3; the extract step is left out, as section 3.3 allows, because the input is a uniform key), so that no key serves two ends.
/// Safe for use by several threads; after Dispose every use throws.
/// </summary>
/// <remarks>info = one byte with the length of the purpose, the purpose in UTF-8, the salt; docs/key-slots.md has a vector.</remarks>
public sealed class SecretKey : IDisposable
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    /// <summary>Longest purpose and longest salt in bytes.</summary>
    public const int MaxContext = 64;

    // The key, and behind it the state of an HMAC that has absorbed it.
    private readonly LockedMemory memory = new(Size + SodiumHmac.StateBytes);

    private SecretKey()
    {
    }

    /// <summary>Whether the key cannot be swapped out; false where RLIMIT_MEMLOCK is used up.</summary>
    public bool Locked => memory.Locked;

    internal ReadOnlySpan<byte> Bytes => memory.Span[..Size];

    /// <summary>A new key from the operating system's generator.</summary>
    public static SecretKey Random()
    {
        SecretKey key = new();
        RandomNumberGenerator.Fill(key.memory.Span[..Size]);
        return key.Absorbed();
    }

    /// <summary>A copy of <see cref="Size"/> bytes; the caller zeroes the original.</summary>
    /// <exception cref="ArgumentException">Another length.</exception>
    public static SecretKey From(ReadOnlySpan<byte> bytes)
    {
        ThrowUnlessKeySize(bytes.Length);
        SecretKey key = new();
        bytes.CopyTo(key.memory.Span);
        return key.Absorbed();
    }

    /// <summary>The key for one purpose.</summary>
    /// <param name="purpose">1 to <see cref="MaxContext"/> bytes of UTF-8, fixed in the source: "claw names".</param>
    public SecretKey Derive(string purpose) => Derive([], purpose);

    /// <summary>The key for one purpose and one salt: the same inputs give the same key.</summary>
    /// <param name="salt">Up to <see cref="MaxContext"/> bytes, for example an inode number; need not be secret.</param>
    /// <param name="purpose">As in <see cref="Derive(string)"/>.</param>
    public SecretKey Derive(ReadOnlySpan<byte> salt, string purpose)
    {
        SecretKey derived = new();
        Expand(salt, purpose, derived.memory.Span[..Size]);
        return derived.Absorbed();
    }

    /// <summary>An AES-256-GCM context with this key.</summary>
    public Aead CreateAead()
    {
        using LockedMemory.Lease held = memory.Hold();
        Aead aead = new();
        aead.SetKey(held.Span[..Size]);
        return aead;
    }

    /// <summary>
    /// Gives <paramref name="target"/> the key that <see cref="Derive(ReadOnlySpan{byte}, string)"/> would return, without
    /// allocating, in under a microsecond. Nobody may use the target meanwhile.
    /// </summary>
    public void DeriveInto(ReadOnlySpan<byte> salt, string purpose, Aead target)
    {
        Span<byte> derived = stackalloc byte[Size];
        Expand(salt, purpose, derived);
        target.SetKey(derived);
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>HMAC-SHA256 (RFC 2104) of <paramref name="data"/> under this key into 32 bytes. Use a key derived for it.</summary>
    public void Authenticate(ReadOnlySpan<byte> data, Span<byte> mac)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(mac.Length, SodiumHmac.MacSize, nameof(mac));
        Span<byte> state = stackalloc byte[SodiumHmac.StateBytes];
        using (LockedMemory.Lease held = memory.Hold())
            held.Span[Size..].CopyTo(state);
        SodiumHmac.Update(state, data);
        SodiumHmac.Final(state, mac);
        CryptographicOperations.ZeroMemory(state);
    }

    /// <summary>Copies the key out, to be wrapped under another; the caller zeroes the copy.</summary>
    public void CopyTo(Span<byte> destination)
    {
        using LockedMemory.Lease held = memory.Hold();
        held.Span[..Size].CopyTo(destination);
    }

    /// <summary>Whether both are the same key, in a time that does not depend on where they differ.</summary>
    public bool SameAs(SecretKey other) => CryptographicOperations.FixedTimeEquals(Bytes, other.Bytes);

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => memory.Dispose();

    internal static void ThrowUnlessKeySize(int length)
    {
        if (length != Size)
            throw new ArgumentException($"a key has {Size} bytes, not {length}");
    }

    private void Expand(ReadOnlySpan<byte> salt, string purpose, Span<byte> output)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(salt.Length, MaxContext, nameof(salt));
        Span<byte> info = stackalloc byte[1 + MaxContext + MaxContext + 1];
        if (!Encoding.UTF8.TryGetBytes(purpose, info.Slice(1, MaxContext), out int length))
            throw new ArgumentException($"longer than {MaxContext} bytes", nameof(purpose));
        info[0] = (byte)length;
        salt.CopyTo(info[(1 + length)..]);
        int end = 1 + length + salt.Length;
        // T(1) = HMAC(key, info | 0x01), and 32 bytes are all of it.
        info[end] = 1;
        Authenticate(info[..(end + 1)], output);
    }

    private SecretKey Absorbed()
    {
        SodiumHmac.Init(memory.Span[Size..], Bytes);
        return this;
    }
}

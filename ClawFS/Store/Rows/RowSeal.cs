using System.Buffers.Binary;
using ClawFS.Crypto;

namespace ClawFS.Store.Rows;

/// <summary>What opening a row found.</summary>
internal enum RowCheck
{
    /// <summary>The row is what its parent says.</summary>
    Valid,
    /// <summary>There is no row.</summary>
    Missing,
    /// <summary>The row has another version than its parent says.</summary>
    Stale,
    /// <summary>The bytes were not sealed for this id, kind and version under this key.</summary>
    NotAuthentic,
}

/// <summary>
/// The body of a row: version (u64), ciphertext, tag (16). AES-256-GCM under the key of the epoch; nonce = 00 00 00 00 | version; associated data = store id (16) |
/// row id (u64) | kind (u8) | prefix. The prefix is what stands in clear before the version, in rows that have it.
/// </summary>
internal static class RowSeal
{
    /// <summary>Bytes of a body beyond its plaintext.</summary>
    public const int Overhead = VersionSize + Aead.TagSize;

    private const int VersionSize = 8, AadSize = 16 + 8 + 1, MaxPrefix = 16;

    /// <summary>Seals into <paramref name="body"/>, which is <see cref="Overhead"/> bytes longer than the plaintext.</summary>
    public static void Seal(Aead key, Guid store, ulong id, RowKind kind, ulong version, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> plaintext, Span<byte> body)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> aad = stackalloc byte[AadSize + MaxPrefix];
        int length = Bind(store, id, kind, version, prefix, nonce, aad);
        BinaryPrimitives.WriteUInt64LittleEndian(body, version);
        key.Seal(nonce, aad[..length], plaintext, body[VersionSize..(plaintext.Length + Overhead)]);
    }

    /// <summary>Opens a body whose version has been compared; false if it is not authentic.</summary>
    public static bool Open(Aead key, Guid store, ulong id, RowKind kind, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[Aead.NonceSize];
        Span<byte> aad = stackalloc byte[AadSize + MaxPrefix];
        int length = Bind(store, id, kind, VersionOf(body), prefix, nonce, aad);
        return key.Open(nonce, aad[..length], body[VersionSize..], plaintext[..(body.Length - Overhead)]);
    }

    /// <summary>The version that a body claims, 0 if it is too short to be one.</summary>
    public static ulong VersionOf(ReadOnlySpan<byte> body) => body.Length < Overhead ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(body);

    private static int Bind(Guid store, ulong id, RowKind kind, ulong version, ReadOnlySpan<byte> prefix, Span<byte> nonce, Span<byte> aad)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], version);
        store.TryWriteBytes(aad, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(aad[16..], id);
        aad[24] = (byte)kind;
        prefix.CopyTo(aad[AadSize..]);
        return AadSize + prefix.Length;
    }
}

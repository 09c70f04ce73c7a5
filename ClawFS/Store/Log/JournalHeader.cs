using System.Buffers.Binary;
using System.Security.Cryptography;
using ClawFS.Crypto;

namespace ClawFS.Store.Log;

/// <summary>
/// The first 128 bytes of a journal file, in clear but authenticated: magic "CLAWJRNL" (8), format (u16), 6 zero bytes, store id (16), salt (32),
/// first sequence (u64), boot id (16), 24 zero bytes, tag (16). The tag seals nothing under the file's key, with everything before it as
/// associated data and the nonce FF FF FF FF | 0 (u64), which no record uses.
/// </summary>
internal readonly record struct JournalHeader(Guid Store, ulong First, Guid Boot)
{
    /// <summary>Bytes of the header: the first record starts here.</summary>
    public const int Size = 128;

    /// <summary>The format this program writes and knows.</summary>
    public const int Format = 2;

    /// <summary>Bytes of the salt.</summary>
    public const int SaltSize = 32;

    private const int SaltAt = 32, FirstAt = 64, BootAt = 72, TagAt = Size - Aead.TagSize;

    private static ReadOnlySpan<byte> Magic => "CLAWJRNL"u8;

    private static ReadOnlySpan<byte> Nonce => [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Fills <paramref name="header"/> (128 bytes) around a salt and keys <paramref name="key"/> for the file.</summary>
    public void Write(Span<byte> header, ReadOnlySpan<byte> salt, SecretKey journalKey, Aead key)
    {
        header[..Size].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Format);
        Store.TryWriteBytes(header[16..], bigEndian: true, out _);
        salt.CopyTo(header[SaltAt..]);
        BinaryPrimitives.WriteUInt64LittleEndian(header[FirstAt..], First);
        Boot.TryWriteBytes(header[BootAt..], bigEndian: true, out _);
        journalKey.DeriveInto(salt, Purpose, key);
        key.Seal(Nonce, header[..TagAt], default, header[TagAt..Size]);
    }

    /// <summary>Opens a header and keys <paramref name="key"/> for the file.</summary>
    /// <returns>False: not a whole header of this store, as a crash while the file was made leaves it.</returns>
    /// <exception cref="StoreException">EOPNOTSUPP: another format.</exception>
    public static bool TryRead(ReadOnlySpan<byte> header, Guid store, SecretKey journalKey, Aead key, out JournalHeader result)
    {
        result = default;
        if (header.Length < Size || !header.StartsWith(Magic))
            return false;
        int format = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        // 0: a header of which the disk has a part only.
        if (format is not (Format or 0))
            throw StoreException.OtherFormat("the journal", format, Format);
        journalKey.DeriveInto(header.Slice(SaltAt, SaltSize), Purpose, key);
        if (!key.Open(Nonce, header[..TagAt], header[TagAt..Size], default))
            return false;
        result = new(
            new Guid(header.Slice(16, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt64LittleEndian(header[FirstAt..]),
            new Guid(header.Slice(BootAt, 16), bigEndian: true));
        return result.Store == store;
    }

    /// <summary>A fresh salt: with it no (key, nonce) pair of an earlier file can come again.</summary>
    public static void NewSalt(Span<byte> salt) => RandomNumberGenerator.Fill(salt[..SaltSize]);

    private const string Purpose = "claw journal";
}

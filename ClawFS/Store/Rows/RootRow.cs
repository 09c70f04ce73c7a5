using System.Buffers.Binary;

namespace ClawFS.Store.Rows;

/// <summary>
/// What the root row says; every commit writes it. Plaintext: commits (u64), rows (u64), epochs (u32), version of the newest row of salts (u64), top level of the
/// freshness tree (u8), version of its top node (u64), length of the head (u16), head. In clear before it: magic "CLAWROWS" (8), format (u16), 6 zero bytes.
/// </summary>
/// <param name="Commits">Number of commits so far.</param>
/// <param name="Rows">Rows of the upper half.</param>
/// <param name="Epochs">Number of epochs.</param>
/// <param name="EpochsVersion">Version of the newest row of salts.</param>
/// <param name="Top">Level of the top node.</param>
/// <param name="TopVersion">Version of the top node, 0 = the tree is empty.</param>
/// <param name="Head">What the upper half keeps here.</param>
internal sealed record RootRow(ulong Commits, long Rows, int Epochs, ulong EpochsVersion, int Top, ulong TopVersion, byte[] Head)
{
    /// <summary>The format this program writes and knows, of the store as a whole.</summary>
    public const int Format = 2;

    /// <summary>Most bytes of the head.</summary>
    public const int MaxHead = 2048;

    /// <summary>Bytes in clear before the salt.</summary>
    public const int PrefixSize = 16;

    private const int FixedSize = 8 + 8 + 4 + 8 + 1 + 8 + 2;

    /// <summary>Fills the 16 bytes in clear.</summary>
    public static void WritePrefix(Span<byte> prefix)
    {
        prefix.Clear();
        "CLAWROWS"u8.CopyTo(prefix);
        BinaryPrimitives.WriteUInt16LittleEndian(prefix[8..], Format);
    }

    /// <summary>Refuses what is no root row, or one of another format, before anything is decrypted.</summary>
    public static void CheckPrefix(ReadOnlySpan<byte> row)
    {
        if (row.Length < PrefixSize || !row.StartsWith("CLAWROWS"u8))
            throw StoreException.Damaged("the root row is damaged");
        int format = BinaryPrimitives.ReadUInt16LittleEndian(row[8..]);
        if (format != Format)
            throw StoreException.OtherFormat("the store", format, Format);
    }

    /// <summary>The plaintext.</summary>
    public byte[] Encode()
    {
        byte[] bytes = new byte[FixedSize + Head.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Commits);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Rows);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), Epochs);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(20), EpochsVersion);
        bytes[28] = (byte)Top;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(29), TopVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(37), (ushort)Head.Length);
        Head.CopyTo(bytes, FixedSize);
        return bytes;
    }

    /// <summary>The root of an authentic plaintext.</summary>
    public static RootRow Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < FixedSize || bytes.Length != FixedSize + BinaryPrimitives.ReadUInt16LittleEndian(bytes[37..]))
            throw StoreException.Damaged("the root row has another length than it says");
        return new(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[20..]),
            bytes[28],
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[29..]),
            bytes[FixedSize..].ToArray());
    }
}

using System.Buffers.Binary;
using ClawFS.Crypto;

namespace ClawFS.Store.Log;

/// <summary>
/// One record: head of 16 bytes in clear {length of what follows (u32), attempt (u32), sequence (u64)}, ciphertext, tag (16). The plaintext is the kind
/// (u8) and the payload. Nonce = attempt | sequence; associated data = store id (16) | first sequence of the file (u64) | head (16). A record whose
/// write failed may be partly on the disk; the next one at its place has the same sequence and the next attempt, so its nonce is new.
/// </summary>
internal static class JournalRecord
{
    /// <summary>Bytes in front of the ciphertext.</summary>
    public const int HeadSize = 16;

    /// <summary>Bytes that a record takes beyond its payload.</summary>
    public const int Overhead = HeadSize + 1 + Aead.TagSize;

    /// <summary>Most bytes of a payload.</summary>
    public const int MaxPayload = 1 << 20;

    private const int AadSize = 16 + 8 + HeadSize;

    /// <summary>Seals a whole <paramref name="record"/> in place; the payload stands at <see cref="PayloadAt"/> already.</summary>
    public static void Seal(Aead key, in JournalHeader file, ulong sequence, uint attempt, byte kind, Span<byte> record)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(record.Length - HeadSize));
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], attempt);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], sequence);
        record[HeadSize] = kind;
        Span<byte> aad = stackalloc byte[AadSize];
        Bind(file, record, aad);
        key.Seal(record.Slice(4, Aead.NonceSize), aad, record[HeadSize..^Aead.TagSize], record[HeadSize..]);
    }

    /// <summary>Where the payload stands in a record.</summary>
    public static int PayloadAt => HeadSize + 1;

    /// <summary>The length of a whole record by its head, 0 where no head can be.</summary>
    public static int LengthOf(ReadOnlySpan<byte> head)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        return length is < 1 + Aead.TagSize or > MaxPayload + 1 + Aead.TagSize ? 0 : HeadSize + (int)length;
    }

    /// <summary>The sequence in a head.</summary>
    public static ulong SequenceOf(ReadOnlySpan<byte> head) => BinaryPrimitives.ReadUInt64LittleEndian(head[8..]);

    /// <summary>Opens a whole record in place: kind and payload then stand behind the head.</summary>
    public static bool Open(Aead key, in JournalHeader file, Span<byte> record)
    {
        Span<byte> aad = stackalloc byte[AadSize];
        Bind(file, record, aad);
        return key.Open(record.Slice(4, Aead.NonceSize), aad, record[HeadSize..], record[HeadSize..^Aead.TagSize]);
    }

    private static void Bind(in JournalHeader file, ReadOnlySpan<byte> record, Span<byte> aad)
    {
        file.Store.TryWriteBytes(aad, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(aad[16..], file.First);
        record[..HeadSize].CopyTo(aad[24..]);
    }
}

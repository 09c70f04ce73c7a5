using System.Buffers.Binary;

namespace ClawFS.Store.Segments;

/// <summary>
/// The first 64 bytes of a segment, in clear: magic "CLAWSEGM" (8), format (u16), 6 zero bytes, store id (16), segment id (u64), salt (8), 16 zero
/// bytes. Not authenticated by itself: a changed salt makes every block of the segment unauthentic.
/// </summary>
internal static class SegmentHeader
{
    /// <summary>Bytes of the header: the first block starts here.</summary>
    public const int Size = 64;

    /// <summary>The format this program writes and knows.</summary>
    public const int Format = 2;

    private static ReadOnlySpan<byte> Magic => "CLAWSEGM"u8;

    /// <summary>Fills <paramref name="header"/> (64 bytes).</summary>
    public static void Write(Span<byte> header, Guid store, ulong id, ulong salt)
    {
        header.Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Format);
        store.TryWriteBytes(header[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], id);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], salt);
    }

    /// <summary>Checks that the header is of this store and segment.</summary>
    /// <returns>The salt.</returns>
    /// <exception cref="StoreException">EIO: not this segment. EOPNOTSUPP: another format.</exception>
    public static ulong Read(ReadOnlySpan<byte> header, Guid store, ulong id)
    {
        if (header.Length < Size || !header.StartsWith(Magic))
            throw StoreException.Damaged($"segment {id:x16} has no header");
        int format = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (format != Format)
            throw StoreException.OtherFormat($"segment {id:x16}", format, Format);
        if (new Guid(header.Slice(16, 16), bigEndian: true) != store || BinaryPrimitives.ReadUInt64LittleEndian(header[32..]) != id)
            throw StoreException.Damaged($"segment {id:x16} holds the header of another segment or store");
        return BinaryPrimitives.ReadUInt64LittleEndian(header[40..]);
    }
}

using System.Buffers.Binary;

namespace ClawFS.Fuse;

/// <summary>
/// What INIT has agreed on. The kernel sends INIT once in the life of a mount, so a restarted server gets this from its predecessor,
/// by way of the supervisor.
/// </summary>
public sealed record FuseSession
{
    private const int Format = 1, Size = 32;

    /// <summary>Minor protocol version that both sides speak (major 7).</summary>
    public required uint Minor { get; init; }

    /// <summary>Features that both sides have.</summary>
    public required FuseFeatures Features { get; init; }

    /// <summary>Most bytes in one WRITE.</summary>
    public required uint MaxWrite { get; init; }

    /// <summary>Most bytes the kernel reads ahead.</summary>
    public required uint MaxReadahead { get; init; }

    /// <summary>Most pages in one request.</summary>
    public required ushort MaxPages { get; init; }

    /// <summary>Most background requests (readahead, writeback) under way.</summary>
    public required ushort MaxBackground { get; init; }

    /// <summary>
    /// Whether the kernel opens and closes folders by itself and caches every listing (<see cref="FuseFeatures.NoOpenDirSupport"/>). It keeps to that for the
    /// life of the mount.
    /// </summary>
    public bool FoldersNeedNoOpen => Features.HasFlag(FuseFeatures.NoOpenDirSupport);

    /// <summary>The session as bytes for <see cref="FromBytes"/> (little-endian, with a format number).</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[Size];
        Span<byte> to = bytes;
        BinaryPrimitives.WriteUInt32LittleEndian(to, Format);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], Minor);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], (ulong)Features);
        BinaryPrimitives.WriteUInt32LittleEndian(to[16..], MaxWrite);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], MaxReadahead);
        BinaryPrimitives.WriteUInt16LittleEndian(to[24..], MaxPages);
        BinaryPrimitives.WriteUInt16LittleEndian(to[26..], MaxBackground);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> made.</summary>
    /// <exception cref="InvalidDataException">Another length or format.</exception>
    public static FuseSession FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Format)
            throw new InvalidDataException("This is not a FUSE session of format 1.");

        return new FuseSession
        {
            Minor = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
            Features = (FuseFeatures)BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            MaxWrite = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            MaxReadahead = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            MaxPages = BinaryPrimitives.ReadUInt16LittleEndian(bytes[24..]),
            MaxBackground = BinaryPrimitives.ReadUInt16LittleEndian(bytes[26..]),
        };
    }
}

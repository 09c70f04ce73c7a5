using System.Buffers.Binary;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Saved;

/// <summary>What is saved once for an index: 56 bytes, little-endian; docs/index-format.md has the table.</summary>
internal readonly record struct IndexHeader(HnswOptions Options, ulong Inserts, float Scale, uint Entry, uint Slots)
{
    /// <summary>Bytes.</summary>
    public const int Length = 56;

    private const ulong Magic = 0x57534E4857414C43; // "CLAWHNSW"
    private const ushort Version = 1;

    /// <summary>Reads and checks a header.</summary>
    /// <exception cref="InvalidDataException">Not a header, of a newer version, or a value out of its range.</exception>
    public static IndexHeader Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic)
            throw new InvalidDataException("This is no header of a vector index.");
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (version != Version)
            throw new InvalidDataException($"The vector index has version {version}; this program reads version {Version}.");
        byte metric = bytes[10], storage = bytes[11];
        uint dimensions = BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        uint m = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        uint construction = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        float scale = BinaryPrimitives.ReadSingleLittleEndian(bytes[40..]);
        uint entry = BinaryPrimitives.ReadUInt32LittleEndian(bytes[44..]);
        uint slots = BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]);
        if (metric > (byte)Metric.L2 || storage > (byte)VectorStorage.Compact || dimensions is < 2 or > 4096 || m is < 2 or > 64 || construction is < 8 or > 4096
            || !float.IsFinite(scale) || scale < 0 || slots >= SlotTable.MostSlots || entry > slots || BinaryPrimitives.ReadUInt32LittleEndian(bytes[52..]) != 0)
            throw new InvalidDataException("The header of the vector index holds a value out of its range.");
        HnswOptions options = new()
        {
            Metric = (Metric)metric,
            Storage = (VectorStorage)storage,
            Dimensions = (int)dimensions,
            M = (int)m,
            EfConstruction = (int)construction,
            Seed = BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]),
        };
        return new IndexHeader(options, BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]), scale, entry, slots);
    }

    /// <summary>Writes it.</summary>
    public void Write(Span<byte> into)
    {
        into = into[..Length];
        BinaryPrimitives.WriteUInt64LittleEndian(into, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(into[8..], Version);
        into[10] = (byte)Options.Metric;
        into[11] = (byte)Options.Storage;
        BinaryPrimitives.WriteUInt32LittleEndian(into[12..], (uint)Options.Dimensions);
        BinaryPrimitives.WriteUInt32LittleEndian(into[16..], (uint)Options.M);
        BinaryPrimitives.WriteUInt32LittleEndian(into[20..], (uint)Options.EfConstruction);
        BinaryPrimitives.WriteUInt64LittleEndian(into[24..], Options.Seed);
        BinaryPrimitives.WriteUInt64LittleEndian(into[32..], Inserts);
        BinaryPrimitives.WriteSingleLittleEndian(into[40..], Scale);
        BinaryPrimitives.WriteUInt32LittleEndian(into[44..], Entry);
        BinaryPrimitives.WriteUInt32LittleEndian(into[48..], Slots);
        BinaryPrimitives.WriteUInt32LittleEndian(into[52..], 0);
    }
}

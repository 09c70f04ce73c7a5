using System.Buffers.Binary;

namespace ClawFS.Vectors.Saved;

/// <summary>The saved links of a slot: label (4 bytes), state (1), level (1), then for each level from the lowest a count (1) and so many slots (4 each).</summary>
internal static class LinksRow
{
    private const int Fixed = 6;

    /// <summary>The longest row of an index.</summary>
    public static int MostBytes(int m) => Fixed + 1 + (2 * m * 4) + (Memory.SlotTable.MostLevels * (1 + (m * 4)));

    /// <summary>Writes the fixed part.</summary>
    public static int WriteHead(Span<byte> into, uint label, byte state, byte level)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(into, label);
        into[4] = state;
        into[5] = level;
        return Fixed;
    }

    /// <summary>Writes the links of one level.</summary>
    public static int WriteLevel(Span<byte> into, ReadOnlySpan<uint> links)
    {
        into[0] = (byte)links.Length;
        for (int i = 0; i < links.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(into[(1 + (i * 4))..], links[i]);
        return 1 + (links.Length * 4);
    }

    /// <summary>Reads the fixed part.</summary>
    /// <exception cref="InvalidDataException">Too short.</exception>
    public static (uint Label, byte State, byte Level) ReadHead(ref ReadOnlySpan<byte> row)
    {
        if (row.Length < Fixed)
            throw new InvalidDataException("A row of links is cut off.");
        (uint, byte, byte) head = (BinaryPrimitives.ReadUInt32LittleEndian(row), row[4], row[5]);
        row = row[Fixed..];
        return head;
    }

    /// <summary>Reads the links of one level.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="InvalidDataException">More than there is room for, or cut off.</exception>
    public static int ReadLevel(ref ReadOnlySpan<byte> row, Span<uint> links)
    {
        int count = row.IsEmpty ? byte.MaxValue + 1 : row[0];
        if (count > links.Length || row.Length < 1 + (count * 4))
            throw new InvalidDataException("A row of links is cut off, or has more links than the index allows.");
        for (int i = 0; i < count; i++)
            links[i] = BinaryPrimitives.ReadUInt32LittleEndian(row[(1 + (i * 4))..]);
        row = row[(1 + (count * 4))..];
        return count;
    }
}

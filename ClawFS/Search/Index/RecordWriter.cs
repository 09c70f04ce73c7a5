using System.Buffers.Binary;
using System.Text;

namespace ClawFS.Search.Index;

/// <summary>Puts together records of a <see cref="RecordLog"/>. Grows; reused.</summary>
internal sealed class RecordWriter
{
    private byte[] buffer = new byte[4096];
    private int start;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>All records.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, Length);

    /// <summary>Begins anew.</summary>
    public void Clear() => Length = 0;

    /// <summary>Begins a record: kind, room for the length.</summary>
    public void Begin(byte kind)
    {
        start = Length;
        Byte(kind);
        U32(0);
    }

    /// <summary>Ends the record: fills in its length.</summary>
    public void End() => BinaryPrimitives.WriteUInt32LittleEndian(buffer.AsSpan(start + 1), (uint)(Length - start - RecordLog.RecordHeader));

    /// <summary>One byte.</summary>
    public void Byte(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    /// <summary>Four bytes, little-endian.</summary>
    public void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);
        Length += 4;
    }

    /// <summary>Eight bytes, little-endian.</summary>
    public void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        Length += 8;
    }

    /// <summary>A number in groups of seven bits, lowest first.</summary>
    public void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }
        Byte((byte)value);
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    /// <summary>Bytes behind their number.</summary>
    public void Block(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        Raw(bytes);
    }

    /// <summary>A text as a block of UTF-8.</summary>
    public void Text(string text) => Block(Encoding.UTF8.GetBytes(text));

    private Span<byte> Room(int count)
    {
        if (buffer.Length - Length < count)
        {
            Array.Resize(ref buffer, Math.Max(buffer.Length * 2, Length + count));
        }
        return buffer.AsSpan(Length);
    }
}

using System.Buffers.Binary;
using System.Text;

namespace ClawFS.Search.Index;

/// <summary>Takes a record of a <see cref="RecordLog"/> apart. Whatever does not fit is <see cref="InvalidDataException"/>, never a read beyond the end.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>Whether all of it has been read.</summary>
    public readonly bool IsEmpty => rest.IsEmpty;

    /// <summary>One byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Four bytes, little-endian.</summary>
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>A number in groups of seven bits.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
        throw new InvalidDataException("a number of a log of the index has more than 64 bits");
    }

    /// <summary>A number that must not pass a limit.</summary>
    public int Count(int limit)
    {
        ulong value = Varint();
        return value <= (ulong)limit ? (int)value : throw new InvalidDataException($"{value} where at most {limit} may stand in a log of the index");
    }

    /// <summary>Bytes behind their number.</summary>
    public ReadOnlySpan<byte> Block() => Take(Count(rest.Length));

    /// <summary>A text.</summary>
    public string Text() => Encoding.UTF8.GetString(Block());

    /// <summary>All that has not been read.</summary>
    public ReadOnlySpan<byte> Rest() => Take(rest.Length);

    /// <summary>As many bytes.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
        {
            throw new InvalidDataException("a record of a log of the index is too short");
        }
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}

using System.Buffers.Binary;
using ClawFS.Linux;

namespace ClawFS.Store.Maps;

/// <summary>A growing little-endian byte writer for rows and journal records; reused, so that steady state allocates nothing.</summary>
internal sealed class SpanWriter
{
    private byte[] bytes;
    private int used;

    public SpanWriter(int capacity) => bytes = new byte[capacity];

    public ReadOnlySpan<byte> Written => bytes.AsSpan(0, used);
    public int Length => used;
    public void Reset() => used = 0;

    public void Byte(byte value) => Take(1)[0] = value;
    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);
    public void U32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);
    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);
    public void I64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);
    public void Raw(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    /// <summary>Length (u32), then the bytes.</summary>
    public void Block(ReadOnlySpan<byte> value)
    {
        U32((uint)value.Length);
        Raw(value);
    }

    public void Time(Vfs.Timestamp value)
    {
        I64(value.Seconds);
        U32(value.Nanoseconds);
    }

    private Span<byte> Take(int count)
    {
        if (used + count > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(bytes.Length * 2, used + count));
        }
        used += count;
        return bytes.AsSpan(used - count, count);
    }
}

/// <summary>Reads what <see cref="SpanWriter"/> wrote. Running past the end is damage: <see cref="StoreException"/> EIO.</summary>
internal ref struct SpanReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    public readonly int Left => rest.Length;

    public byte Byte() => Take(1)[0];
    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));
    public Vfs.Timestamp Time() => new(I64(), U32());

    public ReadOnlySpan<byte> Block()
    {
        uint length = U32();
        if (length > rest.Length)
        {
            throw new StoreException(Errno.EIO, "a row is shorter than it says");
        }
        return Take((int)length);
    }

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
        {
            throw new StoreException(Errno.EIO, "a row is shorter than it says");
        }
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}

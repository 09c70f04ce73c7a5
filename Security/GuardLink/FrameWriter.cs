using System.Buffers.Binary;
using System.Text;

namespace ClawOS.Security.GuardLink;

/// <summary>Puts numbers (little-endian) and texts into a buffer.</summary>
internal ref struct FrameWriter(Span<byte> buffer)
{
    private readonly Span<byte> buffer = buffer;

    public int Length { get; private set; }

    public void Byte(byte value) => Take(1)[0] = value;

    public void Short(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void Int(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    public void Long(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    public void Time(DateTimeOffset value) => Long((ulong)value.ToUnixTimeMilliseconds());

    /// <summary>A text with its length before it.</summary>
    public void Text(string text, int most)
    {
        // What is no text (half of a pair) is replaced here, since the reader refuses it.
        int length = Encoding.UTF8.GetByteCount(text);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, most, nameof(text));
        Short((ushort)length);
        Encoding.UTF8.GetBytes(text, Take(length));
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int count)
    {
        if (count > buffer.Length - Length)
        {
            throw new ArgumentException("the frame is longer than a frame may be");
        }

        Span<byte> room = buffer.Slice(Length, count);
        Length += count;
        return room;
    }
}

using System.Buffers.Binary;
using System.Text;

namespace ClawOS.Security.GuardLink;

/// <summary>Takes numbers (little-endian) and texts from bytes that another process sent.</summary>
internal ref struct FrameReader(ReadOnlySpan<byte> rest)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> rest = rest;

    /// <exception cref="InvalidDataException">It does not hold.</exception>
    public static void Check(bool holds, string fault)
    {
        if (!holds)
        {
            throw new InvalidDataException($"guard protocol: {fault}");
        }
    }

    public byte Byte() => Take(1)[0];

    public ushort Short() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint Int() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong Long() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public bool Flag()
    {
        byte value = Byte();
        Check(value <= 1, "neither yes nor no");
        return value == 1;
    }

    public DateTimeOffset Time()
    {
        ulong value = Long();
        Check(value <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds(), "a time that cannot be");
        return DateTimeOffset.FromUnixTimeMilliseconds((long)value);
    }

    public string Text(int most) => Text((uint)Short(), most);

    /// <summary>A text whose length has four bytes.</summary>
    public string LongText(int most) => Text(Int(), most);

    private string Text(uint length, int most)
    {
        Check(length <= most, "a text that is too long");
        try
        {
            return Utf8.GetString(Take((int)length));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException("guard protocol: a text that is no UTF-8");
        }
    }

    /// <summary>All that is left.</summary>
    public byte[] Rest() => Take(rest.Length).ToArray();

    public readonly bool IsAtEnd => rest.IsEmpty;

    public readonly void End() => Check(rest.IsEmpty, "more than a frame");

    public ReadOnlySpan<byte> Take(int count)
    {
        Check(count >= 0 && rest.Length >= count, "cut short");
        ReadOnlySpan<byte> taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace ClawFS.Search.Lexical;

/// <summary>Unsigned numbers in little-endian groups of seven bits, the upper bit set where another group follows.</summary>
internal static class Varint
{
    /// <exception cref="InvalidDataException">The bytes end within the number, or it needs more than 32 bits.</exception>
    internal static uint Read(ReadOnlySpan<byte> bytes, ref int at)
    {
        if ((uint)at < (uint)bytes.Length && bytes[at] < 0x80)
            return bytes[at++];
        return ReadLong(bytes, ref at);
    }

    internal static void Write(Span<byte> bytes, ref int at, uint value)
    {
        while (value >= 0x80)
        {
            bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[at++] = (byte)value;
    }

    private static uint ReadLong(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if ((uint)at >= (uint)bytes.Length)
                Broken();
            byte group = bytes[at++];
            value |= (ulong)(group & 0x7F) << shift;
            if (group >= 0x80)
                continue;
            if (value > uint.MaxValue)
                Broken();
            return (uint)value;
        }

        Broken();
        return 0;
    }

    [DoesNotReturn]
    private static void Broken() => throw new InvalidDataException("a stored number is broken");
}

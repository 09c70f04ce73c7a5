using System.Buffers.Binary;
using System.Numerics;

namespace ClawFS.Search.Index;

/// <summary>Floats as little-endian bytes, several at a time.</summary>
internal static class FloatBytes
{
    /// <summary>Writes floats; <paramref name="to"/> has four bytes for each.</summary>
    public static void Write(ReadOnlySpan<float> from, Span<byte> to)
    {
        int i = 0;
        for (; BitConverter.IsLittleEndian && i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.AsVectorByte(new Vector<float>(from[i..])).CopyTo(to[(i * sizeof(float))..]);
        }
        for (; i < from.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(to[(i * sizeof(float))..], from[i]);
        }
    }

    /// <summary>Reads as many floats as <paramref name="to"/> has room for.</summary>
    public static void Read(ReadOnlySpan<byte> from, Span<float> to)
    {
        int i = 0;
        for (; BitConverter.IsLittleEndian && i <= to.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.AsVectorSingle(new Vector<byte>(from[(i * sizeof(float))..])).CopyTo(to[i..]);
        }
        for (; i < to.Length; i++)
        {
            to[i] = BinaryPrimitives.ReadSingleLittleEndian(from[(i * sizeof(float))..]);
        }
    }
}

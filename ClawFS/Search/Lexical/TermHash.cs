using System.Buffers.Binary;
using System.Numerics;

namespace ClawFS.Search.Lexical;

/// <summary>A hash of term bytes, the same in every run, so that the same text gives the same index.</summary>
internal static class TermHash
{
    internal static ulong Of(ReadOnlySpan<byte> term)
    {
        ulong hash = 0x9E3779B97F4A7C15UL ^ (ulong)term.Length;
        while (term.Length >= 8)
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(term));
            term = term[8..];
        }

        ulong rest = 0;
        for (int i = 0; i < term.Length; i++)
            rest |= (ulong)term[i] << (8 * i);
        return Mix(hash ^ rest);
    }

    private static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93UL;
        value ^= BitOperations.RotateRight(value, 29) ^ (value >> 32);
        return value * 0xC2B2AE3D27D4EB4FUL;
    }
}

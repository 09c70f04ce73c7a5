using System.Numerics;

namespace ClawFS.Crypto;

/// <summary>CRC-32C (RFC 3720 appendix B.4): finds damage and typing errors, not attacks.</summary>
internal static class Crc32C
{
    internal static uint Of(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

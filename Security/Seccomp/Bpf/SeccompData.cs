namespace ClawOS.Security.Seccomp.Bpf;

/// <summary>Where a filter finds what (struct seccomp_data, linux/seccomp.h): byte offsets, little-endian.</summary>
internal static class SeccompData
{
    internal const uint Number = 0, Architecture = 4;

    /// <summary>Bytes of the structure.</summary>
    internal const uint Size = 64;

    internal static uint LowHalf(int argument) => 16 + (8 * (uint)argument);

    internal static uint HighHalf(int argument) => LowHalf(argument) + 4;
}

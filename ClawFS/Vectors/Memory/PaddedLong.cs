using System.Runtime.InteropServices;

namespace ClawFS.Vectors.Memory;

/// <summary>A long that shares its cache line with nothing.</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
internal struct PaddedLong
{
    [FieldOffset(64)]
    public long Value;
}

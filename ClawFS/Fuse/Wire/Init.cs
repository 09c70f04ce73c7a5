using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

/// <summary>struct fuse_init_in as all kernels since 7.6 begin it; <see cref="InitInExtension"/> follows from 7.36 on.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct InitIn
{
    internal uint Major;
    internal uint Minor;
    internal uint MaxReadahead;
    internal uint Flags;
}

/// <summary>The rest of fuse_init_in: flags2 and eleven reserved words.</summary>
[StructLayout(LayoutKind.Sequential, Size = 48)]
internal struct InitInExtension
{
    internal uint Flags2;
}

/// <summary>struct fuse_init_out.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct InitOut
{
    internal uint Major;
    internal uint Minor;
    internal uint MaxReadahead;
    internal uint Flags;
    internal ushort MaxBackground;
    internal ushort CongestionThreshold;
    internal uint MaxWrite;
    internal uint TimeGranularity;
    internal ushort MaxPages;
    internal ushort MapAlignment;
    internal uint Flags2;
    internal uint MaxStackDepth;
    internal ushort RequestTimeout;
}

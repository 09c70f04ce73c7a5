using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

/// <summary>struct fuse_sx_time.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct StatxTime
{
    internal long Seconds;
    internal uint Nanoseconds;
    internal int Padding;
}

/// <summary>struct fuse_statx with its fourteen spare words.</summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct FuseStatx
{
    /// <summary>STATX_BASIC_STATS | STATX_BTIME.</summary>
    internal const uint BasicAndBirth = 0xFFF;
    internal uint Mask;
    internal uint BlockSize;
    internal ulong Attributes;
    internal uint Nlink;
    internal uint Uid;
    internal uint Gid;
    internal ushort Mode;
    internal ushort Padding;
    internal ulong Ino;
    internal ulong Size;
    internal ulong Blocks;
    internal ulong AttributesMask;
    internal StatxTime Atime;
    internal StatxTime Btime;
    internal StatxTime Ctime;
    internal StatxTime Mtime;
    internal uint RdevMajor;
    internal uint RdevMinor;
    internal uint DevMajor;
    internal uint DevMinor;
}

[StructLayout(LayoutKind.Sequential, Size = 288)]
internal struct StatxOut
{
    internal ulong AttrValid;
    internal uint AttrValidNanoseconds;
    internal uint Flags;
    internal ulong Spare0;
    internal ulong Spare1;
    internal FuseStatx Stat;
}

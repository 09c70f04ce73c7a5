using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

// Requests about open files and attributes.

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct GetAttrIn
{
    internal const uint HasHandle = 1;
    internal uint Flags;
    internal uint Padding;
    internal ulong Handle;
}

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct StatxIn
{
    internal uint GetAttrFlags;
    internal uint Padding;
    internal ulong Handle;
    internal uint Flags;
    internal uint Mask;
}

[StructLayout(LayoutKind.Sequential, Size = 88)]
internal struct SetAttrIn
{
    internal uint Valid;
    internal uint Padding;
    internal ulong Handle;
    internal ulong Size;
    internal ulong LockOwner;
    internal long Atime;
    internal long Mtime;
    internal long Ctime;
    internal uint AtimeNanoseconds;
    internal uint MtimeNanoseconds;
    internal uint CtimeNanoseconds;
    internal uint Mode;
    internal uint Unused4;
    internal uint Uid;
    internal uint Gid;
    internal uint Unused5;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct OpenIn
{
    /// <summary>FUSE_OPEN_KILL_SUIDGID, also in <see cref="CreateIn.OpenFlags"/>.</summary>
    internal const uint KillSuidGid = 1;
    internal int Flags;
    internal uint OpenFlags;
}

/// <summary>fuse_read_in; READDIR and READDIRPLUS use it too.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct ReadIn
{
    internal ulong Handle;
    internal ulong Offset;
    internal uint Size;
    internal uint ReadFlags;
    internal ulong LockOwner;
    internal uint Flags;
    internal uint Padding;
}

/// <summary>fuse_write_in; the data follow.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct WriteIn
{
    internal const uint FromCache = 1, KillSuidGid = 4;
    internal ulong Handle;
    internal ulong Offset;
    internal uint Size;
    internal uint WriteFlags;
    internal ulong LockOwner;
    internal uint Flags;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct FlushIn
{
    internal ulong Handle;
    internal uint Unused;
    internal uint Padding;
    internal ulong LockOwner;
}

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct ReleaseIn
{
    internal ulong Handle;
    internal int Flags;
    internal uint ReleaseFlags;
    internal ulong LockOwner;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct FsyncIn
{
    internal const uint DataOnly = 1;
    internal ulong Handle;
    internal uint Flags;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 32)]
internal struct FallocateIn
{
    internal ulong Handle;
    internal ulong Offset;
    internal ulong Length;
    internal uint Mode;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct SeekIn
{
    internal ulong Handle;
    internal ulong Offset;
    internal int Whence;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 56)]
internal struct CopyFileRangeIn
{
    internal ulong Handle;
    internal ulong Offset;
    internal ulong ToNode;
    internal ulong ToHandle;
    internal ulong ToOffset;
    internal ulong Length;
    internal ulong Flags;
}

[StructLayout(LayoutKind.Sequential, Size = 24)]
internal struct PollIn
{
    internal const uint ScheduleNotify = 1;
    internal ulong Handle;
    internal ulong PollHandle;
    internal uint Flags;
    internal uint Events;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct InterruptIn
{
    internal ulong Unique;
}

using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Wire;

[StructLayout(LayoutKind.Sequential, Size = 88)]
internal struct FuseAttr
{
    internal ulong Ino;
    internal ulong Size;
    internal ulong Blocks;
    internal long Atime;
    internal long Mtime;
    internal long Ctime;
    internal uint AtimeNanoseconds;
    internal uint MtimeNanoseconds;
    internal uint CtimeNanoseconds;
    internal uint Mode;
    internal uint Nlink;
    internal uint Uid;
    internal uint Gid;
    internal uint Rdev;
    internal uint BlockSize;
    internal uint Flags;
}

[StructLayout(LayoutKind.Sequential, Size = ByteSize)]
internal struct EntryOut
{
    internal const int ByteSize = 128;
    internal ulong Node;
    internal ulong Generation;
    internal ulong EntryValid;
    internal ulong AttrValid;
    internal uint EntryValidNanoseconds;
    internal uint AttrValidNanoseconds;
    internal FuseAttr Attr;
}

[StructLayout(LayoutKind.Sequential, Size = 104)]
internal struct AttrOut
{
    internal ulong AttrValid;
    internal uint AttrValidNanoseconds;
    internal uint Padding;
    internal FuseAttr Attr;
}

[StructLayout(LayoutKind.Sequential, Size = 16)]
internal struct OpenOut
{
    internal ulong Handle;
    internal uint OpenFlags;
    internal int BackingId;
}

[StructLayout(LayoutKind.Sequential, Size = 144)]
internal struct CreateOut
{
    internal EntryOut Entry;
    internal OpenOut Open;
}

/// <summary>fuse_write_out, and read as one little-endian number fuse_copy_file_range_out.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct CountOut
{
    internal uint Count;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct GetXattrOut
{
    internal uint Size;
    internal uint Padding;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct SeekOut
{
    internal ulong Offset;
}

[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct PollOut
{
    internal uint Events;
    internal uint Padding;
}

/// <summary>fuse_kstatfs with its six spare words.</summary>
[StructLayout(LayoutKind.Sequential, Size = 80)]
internal struct StatFsOut
{
    internal ulong Blocks;
    internal ulong Free;
    internal ulong Available;
    internal ulong Files;
    internal ulong FilesFree;
    internal uint BlockSize;
    internal uint NameLength;
    internal uint FragmentSize;
    internal uint Padding;
}

/// <summary>fuse_dirent without the name, which follows and is padded with zeros to a multiple of 8.</summary>
[StructLayout(LayoutKind.Sequential, Size = ByteSize)]
internal struct Dirent
{
    internal const int ByteSize = 24;
    internal ulong Ino;
    internal ulong Offset;
    internal uint NameLength;
    internal uint Type;

    /// <summary>Bytes that an entry with a name of this length takes.</summary>
    internal static int Padded(int nameLength) => (ByteSize + nameLength + 7) & ~7;
}

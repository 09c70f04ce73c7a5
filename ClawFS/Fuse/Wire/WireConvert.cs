using ClawFS.Vfs;

namespace ClawFS.Fuse.Wire;

/// <summary>From the border's types to the wire's.</summary>
internal static class WireConvert
{
    /// <summary>
    /// st_blksize of every node. The kernel takes the granularity of its page cache from it, so it equals the page size that
    /// the writeback path is tested with.
    /// </summary>
    internal const uint BlockSize = 4096;

    private const uint LockOwner = 1 << 9;

    internal static FuseAttr ToWire(in Attr a) => new()
    {
        Ino = a.Ino,
        Size = a.Size,
        Blocks = a.Blocks,
        Atime = a.Atime.Seconds,
        Mtime = a.Mtime.Seconds,
        Ctime = a.Ctime.Seconds,
        AtimeNanoseconds = a.Atime.Nanoseconds,
        MtimeNanoseconds = a.Mtime.Nanoseconds,
        CtimeNanoseconds = a.Ctime.Nanoseconds,
        Mode = a.Mode,
        Nlink = a.Nlink,
        Uid = a.Uid,
        Gid = a.Gid,
        Rdev = a.Rdev,
        BlockSize = BlockSize,
    };

    internal static EntryOut ToWire(in Entry e) => new()
    {
        Node = e.Node,
        Generation = e.Generation,
        EntryValid = e.EntrySeconds,
        AttrValid = e.AttrSeconds,
        // A negative entry carries no attributes.
        Attr = e.Node == 0 ? default : ToWire(e.Attr),
    };

    internal static OpenOut ToWire(in OpenReply o) => new() { Handle = o.Handle, OpenFlags = (uint)o.Flags };

    internal static StatxOut ToStatx(in Attr a, uint attrSeconds) => new()
    {
        AttrValid = attrSeconds,
        Stat = new FuseStatx
        {
            Mask = FuseStatx.BasicAndBirth,
            BlockSize = BlockSize,
            Nlink = a.Nlink,
            Uid = a.Uid,
            Gid = a.Gid,
            Mode = (ushort)a.Mode,
            Ino = a.Ino,
            Size = a.Size,
            Blocks = a.Blocks,
            Atime = ToWire(a.Atime),
            Btime = ToWire(a.Btime),
            Ctime = ToWire(a.Ctime),
            Mtime = ToWire(a.Mtime),
            // The kernel's new_encode_dev: 12 bits of major inside 20 bits of minor.
            RdevMajor = (a.Rdev >> 8) & 0xFFF,
            RdevMinor = (a.Rdev & 0xFF) | ((a.Rdev >> 12) & 0xFFF00),
        },
    };

    internal static StatFsOut ToWire(in StatFs s) => new()
    {
        Blocks = s.Blocks,
        Free = s.Free,
        Available = s.Available,
        Files = s.Files,
        FilesFree = s.FilesFree,
        BlockSize = s.BlockSize,
        NameLength = s.NameLength,
        FragmentSize = s.BlockSize,
    };

    internal static SetAttr FromWire(in SetAttrIn s) => new()
    {
        // FATTR_LOCKOWNER (bit 9) has no meaning while locks are the kernel's.
        Fields = (SetAttrFields)(s.Valid & ~LockOwner),
        Mode = s.Mode,
        Uid = s.Uid,
        Gid = s.Gid,
        Size = s.Size,
        Atime = new Timestamp(s.Atime, s.AtimeNanoseconds),
        Mtime = new Timestamp(s.Mtime, s.MtimeNanoseconds),
        Ctime = new Timestamp(s.Ctime, s.CtimeNanoseconds),
        Handle = s.Handle,
    };

    private static StatxTime ToWire(Timestamp t) => new() { Seconds = t.Seconds, Nanoseconds = t.Nanoseconds };
}

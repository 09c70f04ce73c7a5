using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>A point in time as stat(2) reports it: seconds since 1970 (may be negative) and 0..999,999,999 nanoseconds.</summary>
public readonly record struct Timestamp(long Seconds, uint Nanoseconds) : IComparable<Timestamp>
{
    private const uint NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The wall clock now.</summary>
    public static Timestamp Now
    {
        get
        {
            long ticks = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
            return new(Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest), (uint)rest * 100);
        }
    }

    /// <summary>The wall clock now, or the first moment after <paramref name="last"/> where the clock is not past it: times of one thing that only grow.</summary>
    public static Timestamp NowAfter(Timestamp last)
    {
        Timestamp now = Now;
        return now.CompareTo(last) > 0 ? now : last.Plus(1);
    }

    /// <summary>So many nanoseconds later; less than a second.</summary>
    public Timestamp Plus(uint nanoseconds)
    {
        uint sum = Nanoseconds + nanoseconds;
        return sum < NanosecondsPerSecond ? new(Seconds, sum) : new(Seconds + 1, sum - NanosecondsPerSecond);
    }

    /// <inheritdoc/>
    public int CompareTo(Timestamp other) =>
        Seconds != other.Seconds ? Seconds.CompareTo(other.Seconds) : Nanoseconds.CompareTo(other.Nanoseconds);
}

/// <summary>The attributes of one node, as fuse_attr and statx(2) want them.</summary>
public struct Attr
{
    /// <summary>Inode number; equal to the node id.</summary>
    public ulong Ino;
    /// <summary>Length in bytes.</summary>
    public ulong Size;
    /// <summary>Allocated 512-byte sectors.</summary>
    public ulong Blocks;
    /// <summary>Last read, kept relatime.</summary>
    public Timestamp Atime;
    /// <summary>Last change of the content.</summary>
    public Timestamp Mtime;
    /// <summary>Last change of the attributes.</summary>
    public Timestamp Ctime;
    /// <summary>Birth.</summary>
    public Timestamp Btime;
    /// <summary>File type and permission bits (S_IFMT | 07777).</summary>
    public uint Mode;
    /// <summary>Number of names.</summary>
    public uint Nlink;
    /// <summary>Owner.</summary>
    public uint Uid;
    /// <summary>Group.</summary>
    public uint Gid;
    /// <summary>Device number of a device node.</summary>
    public uint Rdev;

    /// <summary>Whether the node is a directory.</summary>
    public readonly bool IsDirectory => FileMode.IsDirectory(Mode);
}

/// <summary>What LOOKUP, CREATE, MKNOD, MKDIR, SYMLINK, LINK and READDIRPLUS answer (fuse_entry_out).</summary>
public struct Entry
{
    /// <summary>Node id; 0 is a negative entry that the kernel may cache for <see cref="EntrySeconds"/>.</summary>
    public ulong Node;
    /// <summary>Distinguishes two lives of one number; node ids are never reused, so it stays 0.</summary>
    public ulong Generation;
    /// <summary>The attributes.</summary>
    public Attr Attr;
    /// <summary>How long the kernel may keep the name, in seconds; 0 = ask again.</summary>
    public uint EntrySeconds;
    /// <summary>How long the kernel may keep the attributes, in seconds; 0 = ask again.</summary>
    public uint AttrSeconds;
}

/// <summary>Which fields of a SETATTR count (FATTR_*, include/uapi/linux/fuse.h).</summary>
[Flags]
public enum SetAttrFields : uint
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Permission bits.</summary>
    Mode = 1 << 0,
    /// <summary>Owner.</summary>
    Uid = 1 << 1,
    /// <summary>Group.</summary>
    Gid = 1 << 2,
    /// <summary>Truncate or extend.</summary>
    Size = 1 << 3,
    /// <summary>Access time as given.</summary>
    Atime = 1 << 4,
    /// <summary>Modification time as given.</summary>
    Mtime = 1 << 5,
    /// <summary>The request names an open handle.</summary>
    Handle = 1 << 6,
    /// <summary>Access time now.</summary>
    AtimeNow = 1 << 7,
    /// <summary>Modification time now.</summary>
    MtimeNow = 1 << 8,
    /// <summary>Change time as given (writeback cache).</summary>
    Ctime = 1 << 10,
    /// <summary>Clear setuid and setgid (HANDLE_KILLPRIV_V2).</summary>
    KillSuidGid = 1 << 11,
}

/// <summary>One SETATTR.</summary>
public struct SetAttr
{
    /// <summary>Which of the values below count.</summary>
    public SetAttrFields Fields;
    /// <summary>Permission bits; the type bits are ignored.</summary>
    public uint Mode;
    /// <summary>New owner.</summary>
    public uint Uid;
    /// <summary>New group.</summary>
    public uint Gid;
    /// <summary>New length.</summary>
    public ulong Size;
    /// <summary>New access time.</summary>
    public Timestamp Atime;
    /// <summary>New modification time.</summary>
    public Timestamp Mtime;
    /// <summary>New change time.</summary>
    public Timestamp Ctime;
    /// <summary>The open handle, where <see cref="SetAttrFields.Handle"/> is set.</summary>
    public ulong Handle;
}

/// <summary>How the kernel shall treat an open file (FOPEN_*).</summary>
[Flags]
public enum OpenReplyFlags : uint
{
    /// <summary>The kernel drops its cached pages at open and caches afterwards.</summary>
    None = 0,
    /// <summary>No page cache: every read and write reaches the node.</summary>
    DirectIo = 1 << 0,
    /// <summary>Cached pages from before the open stay valid.</summary>
    KeepCache = 1 << 1,
    /// <summary>lseek fails with ESPIPE.</summary>
    NonSeekable = 1 << 2,
    /// <summary>The kernel may cache the listing.</summary>
    CacheDir = 1 << 3,
    /// <summary>No offset and no position lock: a write does not wait for a pending read.</summary>
    Stream = 1 << 4,
    /// <summary>No FLUSH at close.</summary>
    NoFlush = 1 << 5,
}

/// <summary>What OPEN and CREATE answer.</summary>
public struct OpenReply
{
    /// <summary>Opaque; comes back with every request on this open file. Stored nodes use 0: nothing about them lives only in a handle.</summary>
    public ulong Handle;
    /// <summary>Cache behaviour.</summary>
    public OpenReplyFlags Flags;
}

/// <summary>What STATFS answers; counts are in <see cref="BlockSize"/> units.</summary>
public struct StatFs
{
    /// <summary>Bytes a block.</summary>
    public uint BlockSize;
    /// <summary>All blocks.</summary>
    public ulong Blocks;
    /// <summary>Free blocks.</summary>
    public ulong Free;
    /// <summary>Blocks free to ordinary users.</summary>
    public ulong Available;
    /// <summary>All inodes.</summary>
    public ulong Files;
    /// <summary>Free inodes.</summary>
    public ulong FilesFree;
    /// <summary>Longest name in bytes.</summary>
    public uint NameLength;
}

/// <summary>File type and permission bits of st_mode (inode(7)).</summary>
public static class FileMode
{
#pragma warning disable CS1591 // inode(7) documents each.
    public const uint TypeMask = 0xF000, Socket = 0xC000, SymLink = 0xA000, Regular = 0x8000, Block = 0x6000,
        Directory = 0x4000, Character = 0x2000, Fifo = 0x1000;
    public const uint SetUid = 0x800, SetGid = 0x400, Sticky = 0x200, GroupExec = 0x8, PermMask = 0xFFF;
#pragma warning restore CS1591

    /// <summary>Whether the mode is a directory's.</summary>
    public static bool IsDirectory(uint mode) => (mode & TypeMask) == Directory;
    /// <summary>Whether the mode is a regular file's.</summary>
    public static bool IsRegular(uint mode) => (mode & TypeMask) == Regular;
    /// <summary>Whether the mode is a symbolic link's.</summary>
    public static bool IsSymLink(uint mode) => (mode & TypeMask) == SymLink;
    /// <summary>The DT_* value readdir(3) reports for a mode.</summary>
    public static uint DirentType(uint mode) => (mode & TypeMask) >> 12;
}

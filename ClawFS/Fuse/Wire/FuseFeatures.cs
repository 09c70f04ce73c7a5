namespace ClawFS.Fuse;

/// <summary>
/// What kernel and server agree on in INIT (FUSE_* init flags, include/uapi/linux/fuse.h). Bits from 32 on travel in flags2 and count
/// only together with <see cref="InitExt"/>.
/// </summary>
[Flags]
public enum FuseFeatures : ulong
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Several reads of one file may be under way.</summary>
    AsyncRead = 1UL << 0,
    /// <summary>O_TRUNC arrives with OPEN instead of as a SETATTR before it.</summary>
    AtomicOTrunc = 1UL << 3,
    /// <summary>Writes larger than a page.</summary>
    BigWrites = 1UL << 5,
    /// <summary>
    /// The kernel asks for a folder's mtime before it lists the folder from its cache. With <see cref="WritebackCache"/> it changes nothing about files.
    /// </summary>
    AutoInvalData = 1UL << 12,
    /// <summary>Listings that bring the attributes along.</summary>
    DoReadDirPlus = 1UL << 13,
    /// <summary>The kernel chooses between READDIR and READDIRPLUS.</summary>
    ReadDirPlusAuto = 1UL << 14,
    /// <summary>Several direct requests of one file may be under way.</summary>
    AsyncDio = 1UL << 15,
    /// <summary>The kernel collects writes in the page cache and then owns size and mtime of open files.</summary>
    WritebackCache = 1UL << 16,
    /// <summary>Lookups and listings of one directory may run in parallel.</summary>
    ParallelDirops = 1UL << 18,
    /// <summary>Requests of more than 32 pages.</summary>
    MaxPages = 1UL << 22,
    /// <summary>READLINK answers are cached.</summary>
    CacheSymlinks = 1UL << 23,
    /// <summary>Folders are opened and closed without a request once OPENDIR was answered with ENOSYS, and every listing may be cached.</summary>
    NoOpenDirSupport = 1UL << 24,
    /// <summary>The server clears setuid, setgid and capabilities where the kernel says so.</summary>
    HandleKillPrivV2 = 1UL << 28,
    /// <summary>INIT carries 64 flag bits (7.36).</summary>
    InitExt = 1UL << 30,
    /// <summary>Shared mmap of files that are opened with direct_io (7.39).</summary>
    DirectIoAllowMmap = 1UL << 36,
    /// <summary>A restarted server can ask for the requests that the dead one had taken (7.40).</summary>
    HasResend = 1UL << 39,
}

using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>glibc calls that Tmds.LibC does not bind. Names are those of the man pages, section 2.</summary>
internal static unsafe partial class NativeCalls
{
    private const string LibC = "libc";

    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;

    internal const int PrSetDumpable = 4;
    internal const int PrSetNoNewPrivileges = 38;

    internal const int RlimitCore = 4;
    internal const int RlimitNoFile = 7;
    internal const int RlimitMemlock = 8;
    internal const ulong RlimitInfinity = ulong.MaxValue;

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int flock(int fd, int operation);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial nint getdents64(int fd, byte* buffer, nuint size);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport(LibC)]
    internal static partial int gettid();

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial nint pwritev(int fd, IoVector* parts, int count, long offset);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int renameat(int oldFolder, byte* oldName, int newFolder, byte* newName);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int getpriority(int which, int who);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int setpriority(int which, int who, int nice);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int setrlimit(int resource, ResourceLimit* limit);

    /// <summary>struct iovec.</summary>
    internal struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary>struct rlimit on 64-bit Linux.</summary>
    internal struct ResourceLimit
    {
        internal ulong Soft;
        internal ulong Hard;
    }
}

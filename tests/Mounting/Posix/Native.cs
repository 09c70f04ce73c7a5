using System.Runtime.InteropServices;

namespace ClawOS.Mounting.Posix;

/// <summary>The C library as declared in its headers; paths are NUL-terminated bytes.</summary>
internal static partial class Native
{
    private const string LibC = "libc";

    [LibraryImport(LibC, EntryPoint = "strerrorname_np")]
    public static partial nint ErrnoName(int errno);

    [LibraryImport(LibC, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte[] path, int flags, uint mode);
    [LibraryImport(LibC, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);
    [LibraryImport(LibC, EntryPoint = "pread", SetLastError = true)]
    public static partial nint PRead(int fd, Span<byte> data, nint count, long offset);
    [LibraryImport(LibC, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(int fd, ReadOnlySpan<byte> data, nint count, long offset);
    [LibraryImport(LibC, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, Span<byte> data, nint count);
    [LibraryImport(LibC, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, ReadOnlySpan<byte> data, nint count);
    [LibraryImport(LibC, EntryPoint = "lseek", SetLastError = true)]
    public static partial long LSeek(int fd, long offset, int whence);
    [LibraryImport(LibC, EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(int fd);
    [LibraryImport(LibC, EntryPoint = "fdatasync", SetLastError = true)]
    public static partial int FDataSync(int fd);
    [LibraryImport(LibC, EntryPoint = "ftruncate", SetLastError = true)]
    public static partial int FTruncate(int fd, long length);
    [LibraryImport(LibC, EntryPoint = "truncate", SetLastError = true)]
    public static partial int Truncate(byte[] path, long length);
    [LibraryImport(LibC, EntryPoint = "fallocate", SetLastError = true)]
    public static partial int FAllocate(int fd, int mode, long offset, long length);
    [LibraryImport(LibC, EntryPoint = "copy_file_range", SetLastError = true)]
    public static partial nint CopyFileRange(int from, ref long fromOffset, int to, ref long toOffset, nint length, uint flags);
    [LibraryImport(LibC, EntryPoint = "flock", SetLastError = true)]
    public static partial int FLock(int fd, int operation);

    [LibraryImport(LibC, EntryPoint = "mkdir", SetLastError = true)]
    public static partial int MkDir(byte[] path, uint mode);
    [LibraryImport(LibC, EntryPoint = "rmdir", SetLastError = true)]
    public static partial int RmDir(byte[] path);
    [LibraryImport(LibC, EntryPoint = "unlink", SetLastError = true)]
    public static partial int Unlink(byte[] path);
    [LibraryImport(LibC, EntryPoint = "linkat", SetLastError = true)]
    public static partial int LinkAt(int fromDir, byte[] from, int toDir, byte[] to, int flags);
    [LibraryImport(LibC, EntryPoint = "symlink", SetLastError = true)]
    public static partial int SymLink(byte[] target, byte[] path);
    [LibraryImport(LibC, EntryPoint = "readlink", SetLastError = true)]
    public static partial nint ReadLink(byte[] path, Span<byte> target, nint size);
    [LibraryImport(LibC, EntryPoint = "renameat2", SetLastError = true)]
    public static partial int RenameAt2(int fromDir, byte[] from, int toDir, byte[] to, uint flags);
    [LibraryImport(LibC, EntryPoint = "mknod", SetLastError = true)]
    public static partial int MkNod(byte[] path, uint mode, ulong device);
    [LibraryImport(LibC, EntryPoint = "chdir", SetLastError = true)]
    public static partial int ChDir(byte[] path);
    [LibraryImport(LibC, EntryPoint = "umask")]
    public static partial uint Umask(uint mask);

    [LibraryImport(LibC, EntryPoint = "chmod", SetLastError = true)]
    public static partial int ChMod(byte[] path, uint mode);
    [LibraryImport(LibC, EntryPoint = "fchmod", SetLastError = true)]
    public static partial int FChMod(int fd, uint mode);
    [LibraryImport(LibC, EntryPoint = "fchownat", SetLastError = true)]
    public static partial int FChOwnAt(int dir, byte[] path, uint uid, uint gid, int flags);
    [LibraryImport(LibC, EntryPoint = "fchown", SetLastError = true)]
    public static partial int FChOwn(int fd, uint uid, uint gid);
    [LibraryImport(LibC, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int UTimeNsAt(int dir, byte[] path, ReadOnlySpan<long> times, int flags);
    [LibraryImport(LibC, EntryPoint = "utimensat", SetLastError = true)]
    public static partial int UTimeNsAt(int dir, byte[] path, nint none, int flags);
    [LibraryImport(LibC, EntryPoint = "futimens", SetLastError = true)]
    public static partial int FUTimeNs(int fd, ReadOnlySpan<long> times);
    [LibraryImport(LibC, EntryPoint = "access", SetLastError = true)]
    public static partial int Access(byte[] path, int mode);
    [LibraryImport(LibC, EntryPoint = "statx", SetLastError = true)]
    public static partial int StatX(int dir, byte[] path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport(LibC, EntryPoint = "setxattr", SetLastError = true)]
    public static partial int SetXattr(byte[] path, byte[] name, ReadOnlySpan<byte> value, nint size, int flags);
    [LibraryImport(LibC, EntryPoint = "lsetxattr", SetLastError = true)]
    public static partial int LSetXattr(byte[] path, byte[] name, ReadOnlySpan<byte> value, nint size, int flags);
    [LibraryImport(LibC, EntryPoint = "fsetxattr", SetLastError = true)]
    public static partial int FSetXattr(int fd, byte[] name, ReadOnlySpan<byte> value, nint size, int flags);
    [LibraryImport(LibC, EntryPoint = "getxattr", SetLastError = true)]
    public static partial nint GetXattr(byte[] path, byte[] name, Span<byte> value, nint size);
    [LibraryImport(LibC, EntryPoint = "lgetxattr", SetLastError = true)]
    public static partial nint LGetXattr(byte[] path, byte[] name, Span<byte> value, nint size);
    [LibraryImport(LibC, EntryPoint = "listxattr", SetLastError = true)]
    public static partial nint ListXattr(byte[] path, Span<byte> names, nint size);
    [LibraryImport(LibC, EntryPoint = "removexattr", SetLastError = true)]
    public static partial int RemoveXattr(byte[] path, byte[] name);

    [LibraryImport(LibC, EntryPoint = "mmap", SetLastError = true)]
    public static partial nint MMap(nint address, nint length, int protection, int flags, int fd, long offset);
    [LibraryImport(LibC, EntryPoint = "munmap", SetLastError = true)]
    public static partial int MUnMap(nint address, nint length);
    [LibraryImport(LibC, EntryPoint = "msync", SetLastError = true)]
    public static partial int MSync(nint address, nint length, int flags);

    [LibraryImport(LibC, EntryPoint = "opendir", SetLastError = true)]
    public static partial nint OpenDir(byte[] path);
    [LibraryImport(LibC, EntryPoint = "readdir64", SetLastError = true)]
    public static partial nint ReadDir(nint dir);
    [LibraryImport(LibC, EntryPoint = "closedir", SetLastError = true)]
    public static partial int CloseDir(nint dir);
    [LibraryImport(LibC, EntryPoint = "telldir")]
    public static partial long TellDir(nint dir);
    [LibraryImport(LibC, EntryPoint = "seekdir")]
    public static partial void SeekDir(nint dir, long position);
    [LibraryImport(LibC, EntryPoint = "rewinddir")]
    public static partial void RewindDir(nint dir);

    [LibraryImport(LibC, EntryPoint = "clock_gettime", SetLastError = true)]
    public static partial int ClockGetTime(int clock, Span<byte> time);
    [LibraryImport(LibC, EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);
    [LibraryImport(LibC, EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int flags);
    [LibraryImport(LibC, EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int domain, int type, int protocol);
    [LibraryImport(LibC, EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, ReadOnlySpan<byte> address, uint length);
    [LibraryImport(LibC, EntryPoint = "statfs64", SetLastError = true)]
    public static partial int StatFs(byte[] path, Span<byte> buffer);

    /// <summary>The bare system call: unlike the C library's setresuid it changes the calling thread only (nptl(7)).</summary>
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long SysCall(long number, long a, long b, long c);
    [LibraryImport(LibC, EntryPoint = "syscall", SetLastError = true)]
    public static partial long SysCall(long number, long count, ReadOnlySpan<uint> list);
}

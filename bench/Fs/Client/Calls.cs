using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace ClawOS.Bench.Fs.Client;

/// <summary>The few system calls of the measuring client, straight to the C library: what .NET adds would weigh more than a hot stat.</summary>
internal static partial class Calls
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Create = 0x40, Exclusive = 0x80, Truncate = 0x200;
    public const int AdviseRandom = 1, AdviseSequential = 2;
    private const string LibC = "libc";

    /// <summary>A path as the C library takes it.</summary>
    public static byte[] Text(string path) => [.. Encoding.UTF8.GetBytes(path), 0];

    /// <summary>Throws with the errno of the last call unless <paramref name="result"/> is what a success returns.</summary>
    public static void Must(bool result, string call)
    {
        if (!result)
            throw new IOException($"{call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    /// <summary>An open descriptor, or an exception.</summary>
    public static int OpenOrThrow(byte[] path, int flags)
    {
        int fd = Open(path, flags, 0x1A4);
        Must(fd >= 0, $"open {Encoding.UTF8.GetString(path)}");
        return fd;
    }

    /// <summary>Binds this thread, and what it starts, to one core, and lifts its priority. Priority needs root and is left alone without.</summary>
    public static void Pin(int core)
    {
        ulong mask = 1UL << core;
        Must(SetAffinity(0, sizeof(ulong), ref mask) == 0, "sched_setaffinity");
        SetPriority(0, 0, -10);
    }

    [LibraryImport(LibC, EntryPoint = "open", SetLastError = true)]
    public static partial int Open(byte[] path, int flags, uint mode);
    [LibraryImport(LibC, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);
    [LibraryImport(LibC, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, Span<byte> data, nint count);
    [LibraryImport(LibC, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, ReadOnlySpan<byte> data, nint count);
    [LibraryImport(LibC, EntryPoint = "pread", SetLastError = true)]
    public static partial nint PRead(int fd, Span<byte> data, nint count, long offset);
    [LibraryImport(LibC, EntryPoint = "pwrite", SetLastError = true)]
    public static partial nint PWrite(int fd, ReadOnlySpan<byte> data, nint count, long offset);
    [LibraryImport(LibC, EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(int fd);
    [LibraryImport(LibC, EntryPoint = "posix_fadvise", SetLastError = true)]
    public static partial int Advise(int fd, long offset, long length, int advice);

    /// <summary>lstat(2); <paramref name="stat"/> has room for a struct stat.</summary>
    [LibraryImport(LibC, EntryPoint = "lstat", SetLastError = true)]
    public static partial int LStat(byte[] path, Span<byte> stat);
    [LibraryImport(LibC, EntryPoint = "sync")]
    public static partial void Sync();
    [LibraryImport(LibC, EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nint size, ref ulong mask);
    [LibraryImport(LibC, EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int thread, int priority);
}

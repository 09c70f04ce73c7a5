using System.Runtime.InteropServices;

namespace ClawFS.Fuse.Device;

/// <summary>The calls on the descriptor of /dev/fuse, by number: <see cref="FuseDevice"/> keeps it open.</summary>
internal static unsafe partial class DeviceCalls
{
    private const string LibC = "libc";

    internal const short PollIn = 1;

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial nint read(int fd, byte* buffer, nuint count);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial nint write(int fd, byte* buffer, nuint count);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial nint writev(int fd, IoVector* parts, int count);

    [LibraryImport(LibC, SetLastError = true)]
    internal static partial int poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    /// <summary>struct iovec.</summary>
    internal struct IoVector
    {
        internal byte* Base;
        internal nuint Length;
    }

    /// <summary>struct pollfd.</summary>
    internal struct PollDescriptor
    {
        internal int Fd;
        internal short Events;
        internal short Ready;
    }
}

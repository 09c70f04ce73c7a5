using System.Runtime.InteropServices;

namespace ClawFS.Linux;

/// <summary>The socket calls of libc, C names kept; layouts are the same on x86-64 and arm64 (socket.h, bits/socket.h).</summary>
internal static unsafe partial class SocketCalls
{
    internal const int AF_UNIX = 1;
    internal const int SOCK_SEQPACKET = 5;
    internal const int SOCK_CLOEXEC = 0x80000;
    internal const int SOL_SOCKET = 1;
    internal const int SCM_RIGHTS = 1;
    internal const int SHUT_RDWR = 2;
    internal const int MSG_CTRUNC = 0x8;
    internal const int MSG_TRUNC = 0x20;
    internal const int MSG_NOSIGNAL = 0x4000;
    internal const int MSG_CMSG_CLOEXEC = 0x40000000;

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVec
    {
        internal void* Base;
        internal nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct MsgHdr
    {
        internal void* Name;
        internal uint NameLength;
        internal IoVec* Vectors;
        internal nuint VectorCount;
        internal void* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>A control message that carries one descriptor: CMSG_LEN(4) is 20, CMSG_SPACE(4) is 24.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 24)]
    internal struct OneDescriptor
    {
        internal const int UsedLength = 20;

        internal nuint Length;
        internal int Level;
        internal int Type;
        internal int Descriptor;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(int socket, LocalAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int listen(int socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int accept4(int socket, void* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int connect(int socket, LocalAddress* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getsockopt(int socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int unlinkat(int folder, string name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socketpair(int domain, int type, int protocol, int* descriptors);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint sendmsg(int socket, MsgHdr* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recvmsg(int socket, MsgHdr* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int shutdown(int socket, int how);
}

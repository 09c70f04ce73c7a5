using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static ClawFS.Linux.SocketCalls;

namespace ClawFS.Linux;

/// <summary>A SOCK_SEQPACKET socket that is bound to a name in a folder and accepts connections (unix(7)).</summary>
public sealed unsafe class LocalListener : IDisposable
{
    private readonly SafeFileHandle socket;
    private volatile bool isOver;

    private LocalListener(SafeFileHandle socket) => this.socket = socket;

    /// <summary>Binds a name and listens. A socket that has the name already loses it.</summary>
    /// <param name="folder">The folder, of any length.</param>
    /// <param name="name">The name in it.</param>
    /// <param name="backlog">How many connections may wait to be accepted; for more connect(2) waits.</param>
    /// <exception cref="LinuxException">What open(2), unlink(2), bind(2) and listen(2) say.</exception>
    public static LocalListener Bind(string folder, string name, int backlog)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        using FileDescriptor above = LocalAddress.OpenFolder(folder);
        using Borrowed parent = new(above);
        LocalListener listener = new(New());
        try
        {
            if (SocketCalls.unlinkat(parent.Number, name, 0) != 0 && LinuxException.Last != Errno.ENOENT)
            {
                throw LinuxException.FromLast($"unlink {folder}/{name}");
            }

            using Borrowed own = new(listener.socket);
            LocalAddress address = LocalAddress.Of(parent.Number, name);
            if (bind(own.Number, &address, LocalAddress.Size) != 0)
            {
                throw LinuxException.FromLast($"bind {folder}/{name}");
            }

            return listen(own.Number, backlog) == 0 ? listener : throw LinuxException.FromLast($"listen on {folder}/{name}");
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a connection; null once this is disposed.</summary>
    /// <exception cref="LinuxException">No descriptors are left (EMFILE, ENFILE).</exception>
    public SeqPacketSocket? Accept()
    {
        using Borrowed own = new(socket);
        while (!isOver)
        {
            int accepted = accept4(own.Number, null, null, SOCK_CLOEXEC);
            if (accepted >= 0)
            {
                return new SeqPacketSocket(new SafeFileHandle(accepted, ownsHandle: true));
            }

            switch (LinuxException.Last)
            {
                case Errno.EINTR or (Errno)103 /* ECONNABORTED: who asked has gone already */:
                    continue;
                case Errno.EINVAL:
                    return null; // Shut down.
                default:
                    throw LinuxException.FromLast("accept");
            }
        }

        return null;
    }

    /// <summary>Listens no more; a thread in <see cref="Accept"/> gets null.</summary>
    public void Dispose()
    {
        if (!isOver)
        {
            isOver = true;
            using (Borrowed own = new(socket))
            {
                _ = shutdown(own.Number, SHUT_RDWR);
            }

            socket.Dispose();
        }
    }

    /// <summary>A new socket of this kind.</summary>
    internal static SafeFileHandle New()
    {
        int number = SocketCalls.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        return number >= 0 ? new SafeFileHandle(number, ownsHandle: true) : throw LinuxException.FromLast("socket");
    }
}

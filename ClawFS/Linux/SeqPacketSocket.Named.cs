using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static ClawFS.Linux.SocketCalls;

namespace ClawFS.Linux;

// Sockets that have a name, and messages with several descriptors.
public sealed unsafe partial class SeqPacketSocket
{
    /// <summary>The most descriptors that one message carries here.</summary>
    public const int MaxDescriptors = 8;

    private const int ControlHead = 16, ControlRoom = ControlHead + (MaxDescriptors * sizeof(int));

    /// <summary>Who is at the other end, as the kernel recorded it when the connection was made.</summary>
    /// <exception cref="LinuxException">It is not connected.</exception>
    public PeerCredentials Peer
    {
        get
        {
            const int PeerCred = 17;
            using Borrowed own = new(socket);
            int* found = stackalloc int[3];
            uint size = 3 * sizeof(int);
            return getsockopt(own.Number, SOL_SOCKET, PeerCred, found, &size) == 0
                ? new PeerCredentials(found[0], (uint)found[1], (uint)found[2])
                : throw LinuxException.FromLast("SO_PEERCRED");
        }
    }

    /// <summary>Connects to a socket by its name.</summary>
    /// <param name="folder">The folder, of any length.</param>
    /// <param name="name">The name in it.</param>
    /// <exception cref="LinuxException">ENOENT: there is none. ECONNREFUSED: nobody listens. EACCES: not for this user.</exception>
    public static SeqPacketSocket Connect(string folder, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        using FileDescriptor above = LocalAddress.OpenFolder(folder);
        using Borrowed parent = new(above);
        SeqPacketSocket made = new(LocalListener.New());
        LocalAddress address = LocalAddress.Of(parent.Number, name);
        using Borrowed own = new(made.socket);
        if (connect(own.Number, &address, LocalAddress.Size) == 0)
        {
            return made;
        }

        Errno error = LinuxException.Last;
        made.Dispose();
        throw new LinuxException(error, $"connect to {folder}/{name}");
    }

    /// <summary>Waits until there is a message, or the end.</summary>
    /// <param name="limit">How long at most.</param>
    /// <returns>False when nothing came.</returns>
    public bool WaitForMessage(TimeSpan limit)
    {
        using Borrowed own = new(socket);
        long until = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            ProcessCalls.PollFd wait = new() { Descriptor = own.Number, Events = ProcessCalls.POLLIN };
            int ready = ProcessCalls.poll(&wait, 1, (int)Math.Clamp(until - Environment.TickCount64, 0, int.MaxValue));
            if (ready >= 0 || LinuxException.Last != Errno.EINTR)
            {
                return ready != 0;
            }
        }
    }

    /// <summary>Sends one message with descriptors, of which the receiver gets copies.</summary>
    /// <param name="message">1 to <see cref="MessageChannel.MaxMessage"/> bytes.</param>
    /// <param name="descriptors">At most <see cref="MaxDescriptors"/>.</param>
    /// <returns>False when the peer is gone.</returns>
    public bool SendAll(ReadOnlySpan<byte> message, IReadOnlyList<SafeHandle> descriptors)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxMessage, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Count, MaxDescriptors, nameof(descriptors));
        if (descriptors.Count == 0)
        {
            return Send(message);
        }

        bool[] held = new bool[descriptors.Count];
        try
        {
            byte* control = stackalloc byte[ControlRoom];
            *(nuint*)control = (nuint)(ControlHead + (descriptors.Count * sizeof(int)));
            ((int*)control)[2] = SOL_SOCKET;
            ((int*)control)[3] = SCM_RIGHTS;
            for (int i = 0; i < descriptors.Count; i++)
            {
                descriptors[i].DangerousAddRef(ref held[i]);
                ((int*)(control + ControlHead))[i] = (int)descriptors[i].DangerousGetHandle();
            }

            using Borrowed own = new(socket);
            fixed (byte* bytes = message)
            {
                IoVec vector = new() { Base = bytes, Length = (nuint)message.Length };
                MsgHdr header = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = *(nuint*)control };
                while (sendmsg(own.Number, &header, MSG_NOSIGNAL) < 0)
                {
                    if (LinuxException.Last is Errno.EPIPE or Errno.ENOTCONN or (Errno)104 /* ECONNRESET */)
                    {
                        return false;
                    }

                    if (LinuxException.Last != Errno.EINTR)
                    {
                        throw LinuxException.FromLast("sendmsg on a channel");
                    }
                }

                return true;
            }
        }
        finally
        {
            for (int i = 0; i < held.Length; i++)
            {
                if (held[i])
                {
                    descriptors[i].DangerousRelease();
                }
            }
        }
    }

    /// <summary>Waits for the next message and takes over the descriptors that came with it.</summary>
    /// <param name="buffer">Room for the message.</param>
    /// <param name="descriptors">Close-on-exec, owned by the caller.</param>
    /// <returns>The length in bytes, or 0 at the end.</returns>
    /// <exception cref="IOException">More bytes or descriptors came than there is room for; they are closed.</exception>
    public int ReceiveAll(Span<byte> buffer, out SafeFileHandle[] descriptors)
    {
        byte* control = stackalloc byte[ControlRoom];
        using Borrowed own = new(socket);
        fixed (byte* bytes = buffer)
        {
            IoVec vector = new() { Base = bytes, Length = (nuint)buffer.Length };
            MsgHdr header = new() { Vectors = &vector, VectorCount = 1 };
            nint length;
            do
            {
                header.Control = control;
                header.ControlLength = ControlRoom;
                length = recvmsg(own.Number, &header, MSG_CMSG_CLOEXEC);
            }
            while (length < 0 && LinuxException.Last == Errno.EINTR);

            descriptors = [];
            if (length < 0)
            {
                return LinuxException.Last == (Errno)104 ? 0 : throw LinuxException.FromLast("recvmsg on a channel");
            }

            if (header.ControlLength >= ControlHead + sizeof(int) && ((int*)control)[2] == SOL_SOCKET && ((int*)control)[3] == SCM_RIGHTS)
            {
                int count = (int)((*(nuint*)control - ControlHead) / sizeof(int));
                descriptors = new SafeFileHandle[count];
                for (int i = 0; i < count; i++)
                {
                    descriptors[i] = new SafeFileHandle(((int*)(control + ControlHead))[i], ownsHandle: true);
                }
            }

            if ((header.Flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
            {
                Array.ForEach(descriptors, static descriptor => descriptor.Dispose());
                descriptors = [];
                throw new IOException("a message has more bytes or descriptors than there is room for");
            }

            return (int)length;
        }
    }
}

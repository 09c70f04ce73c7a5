using Microsoft.Win32.SafeHandles;
using System.Runtime.InteropServices;
using static ClawFS.Linux.SocketCalls;

namespace ClawFS.Linux;

/// <summary>
/// A connected SOCK_SEQPACKET socket: the channels between ClawOS processes. The supervisor makes the pairs and the
/// children inherit them, so there is nothing to open and nobody to impersonate. A message may carry one descriptor.
/// </summary>
public sealed unsafe partial class SeqPacketSocket : MessageChannel
{
    private readonly SafeFileHandle socket;

    /// <summary>Takes over an inherited or received socket.</summary>
    /// <param name="socket">The descriptor; closed with this object.</param>
    public SeqPacketSocket(SafeFileHandle socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        this.socket = socket;
    }

    /// <summary>The descriptor, to hand to a child or to send over another channel; stays owned by this object.</summary>
    public SafeHandle Descriptor => socket;

    /// <summary>Makes a connected pair, both ends close-on-exec.</summary>
    /// <exception cref="LinuxException">No descriptors are left (EMFILE, ENFILE).</exception>
    public static (SeqPacketSocket First, SeqPacketSocket Second) CreatePair()
    {
        int* ends = stackalloc int[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        {
            throw new LinuxException(LinuxException.Last, "socketpair");
        }

        return (Own(ends[0]), Own(ends[1]));

        static SeqPacketSocket Own(int descriptor) => new(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <inheritdoc/>
    public override bool Send(ReadOnlySpan<byte> message) => Send(message, null);

    /// <summary>Sends one message, with a descriptor that the receiver gets as its own copy.</summary>
    /// <param name="message">1 to <see cref="MessageChannel.MaxMessage"/> bytes.</param>
    /// <param name="descriptor">The descriptor to pass along, or null; the sender keeps its own.</param>
    /// <returns>False when the peer is gone.</returns>
    public bool Send(ReadOnlySpan<byte> message, SafeHandle? descriptor)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MaxMessage, nameof(message));
        using Borrowed own = new(socket);
        using Borrowed passed = new(descriptor);
        OneDescriptor control = new()
        {
            Length = OneDescriptor.UsedLength,
            Level = SOL_SOCKET,
            Type = SCM_RIGHTS,
            Descriptor = passed.Number,
        };
        fixed (byte* bytes = message)
        {
            IoVec vector = new() { Base = bytes, Length = (nuint)message.Length };
            MsgHdr header = new() { Vectors = &vector, VectorCount = 1 };
            if (descriptor is not null)
            {
                header.Control = &control;
                header.ControlLength = (nuint)sizeof(OneDescriptor);
            }

            while (sendmsg(own.Number, &header, MSG_NOSIGNAL) < 0)
            {
                switch (LinuxException.Last)
                {
                    case Errno.EINTR:
                        continue;
                    case Errno.EPIPE or Errno.ENOTCONN or (Errno)104 /* ECONNRESET */:
                        return false;
                    case var error:
                        throw new LinuxException(error, "sendmsg on a channel");
                }
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public override int Receive(Span<byte> buffer)
    {
        int length = Receive(buffer, out SafeFileHandle? descriptor);
        descriptor?.Dispose();
        return length;
    }

    /// <summary>Waits for the next message and takes over the descriptor that came with it.</summary>
    /// <param name="buffer">Room for the message.</param>
    /// <param name="descriptor">The received descriptor, close-on-exec, owned by the caller; null when none came.</param>
    /// <returns>The length in bytes, or 0 at the end.</returns>
    public int Receive(Span<byte> buffer, out SafeFileHandle? descriptor)
    {
        descriptor = null;
        using Borrowed own = new(socket);
        OneDescriptor control = default;
        fixed (byte* bytes = buffer)
        {
            IoVec vector = new() { Base = bytes, Length = (nuint)buffer.Length };
            MsgHdr header = new() { Vectors = &vector, VectorCount = 1 };
            nint length;
            do
            {
                header.Control = &control;
                header.ControlLength = (nuint)sizeof(OneDescriptor);
                length = recvmsg(own.Number, &header, MSG_CMSG_CLOEXEC);
            }
            while (length < 0 && LinuxException.Last == Errno.EINTR);

            if (length < 0)
            {
                // A peer that was killed with unread messages resets the connection; for a reader that is the end, too.
                return LinuxException.Last == (Errno)104 ? 0 : throw new LinuxException(LinuxException.Last, "recvmsg on a channel");
            }

            if (header.ControlLength >= OneDescriptor.UsedLength && control is { Level: SOL_SOCKET, Type: SCM_RIGHTS })
            {
                descriptor = new SafeFileHandle(control.Descriptor, ownsHandle: true);
            }

            if ((header.Flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
            {
                descriptor?.Dispose();
                descriptor = null;
                throw new IOException($"a message on a channel is longer than the {buffer.Length} bytes set aside for it");
            }

            return (int)length;
        }
    }

    /// <summary>Ends the connection both ways: every reader of either end gets 0. The descriptor stays until Dispose.</summary>
    public void Shutdown()
    {
        using Borrowed own = new(socket);
        _ = shutdown(own.Number, SHUT_RDWR); // ENOTCONN only says that the peer was first.
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || socket.IsClosed)
        {
            return;
        }

        // No shutdown here: another process may share this end (a child that inherited it).
        socket.Dispose();
    }
}

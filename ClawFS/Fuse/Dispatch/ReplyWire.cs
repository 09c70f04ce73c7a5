using ClawFS.Fuse.Wire;
using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>Sends replies and sees to it that a client is never left waiting because of a malformed one.</summary>
internal static class ReplyWire
{
    /// <summary>The kernel accepts errors below this only.</summary>
    private const int MaxErrno = 511;

    /// <summary>Sends a reply whose header is made here.</summary>
    internal static Errno Send(ReplySink sink, ulong unique, Errno error, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[OutHeader.ByteSize];
        Fill(header, unique, error, payload.Length);
        return SendFilled(sink, unique, header, payload);
    }

    /// <summary>Fills the room for the header in front of a payload of <paramref name="payload"/> bytes.</summary>
    internal static void Fill(Span<byte> header, ulong unique, Errno error, int payload) => WireStruct.Write(header, new OutHeader
    {
        Length = (uint)(OutHeader.ByteSize + payload),
        Error = -(int)error,
        Unique = unique,
    });

    /// <summary>Sends a reply whose header is filled.</summary>
    internal static Errno SendFilled(ReplySink sink, ulong unique, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        // Unique 0 marks a notification: a reply with it would be taken for one.
        if (unique == 0)
        {
            return Errno.ENOENT;
        }

        Errno sent = sink.Send(first, second);
        if (sent != Errno.EINVAL)
        {
            return sent;
        }

        // The kernel refused the shape of the reply and the client still waits.
        Span<byte> failure = stackalloc byte[OutHeader.ByteSize];
        Fill(failure, unique, Errno.EIO, 0);
        sink.Send(failure, default);
        return Errno.EINVAL;
    }

    /// <summary>Whether the wire can carry an answer of a tree.</summary>
    internal static bool IsErrno(Errno error) => (uint)error <= MaxErrno;
}

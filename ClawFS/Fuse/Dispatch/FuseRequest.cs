using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// One dispatcher thread's request and the buffer for its reply, used again and again. The reply is built behind the room for its
/// header, so that one write(2) sends both, and READ data are copied nowhere.
/// </summary>
internal sealed class FuseRequest : Request, IDisposable
{
    private readonly NativeBuffer reply;
    private readonly ReplySink sink;
    private readonly ReplySink lateSink;
    private readonly ParkedRequests parking;
    private readonly OperationCounters parkedCounters;
    private int length;

    /// <param name="capacity">Largest payload of a reply in bytes.</param>
    /// <param name="sink">Where this thread's replies go.</param>
    /// <param name="lateSink">Where the replies of parked requests go, from any thread.</param>
    /// <param name="parking">Where requests wait.</param>
    /// <param name="counters">This thread's counters.</param>
    /// <param name="parkedCounters">The shared counters of requests that were parked.</param>
    internal FuseRequest(
        int capacity, ReplySink sink, ReplySink lateSink, ParkedRequests parking, OperationCounters counters, OperationCounters parkedCounters)
    {
        reply = new NativeBuffer(OutHeader.ByteSize + capacity);
        this.sink = sink;
        this.lateSink = lateSink;
        this.parking = parking;
        this.parkedCounters = parkedCounters;
        Counters = counters;
        Listing = new DirentSink(this);
    }

    internal OperationCounters Counters { get; }

    internal DirentSink Listing { get; }

    internal FuseOpcode Opcode { get; private set; }

    internal ulong Node { get; private set; }

    /// <summary>Start of the dispatch, in stopwatch ticks.</summary>
    internal long Started { get; private set; }

    /// <summary>Bytes that the client has asked for, as far as a parked answer of data must keep to it.</summary>
    internal uint Asked { get; set; }

    /// <summary>What was given out by this reply and must be taken back should the client be gone.</summary>
    internal Given Given;

    /// <summary>The parked request, once <see cref="Park"/> was called.</summary>
    internal FuseParkedRequest? Parked { get; private set; }

    /// <summary>The payload of the reply: as much as was added.</summary>
    internal ReadOnlySpan<byte> Payload => Room[..length];

    /// <summary>All the room for a payload.</summary>
    internal Span<byte> Room => reply.Span[OutHeader.ByteSize..];

    internal void Begin(in InHeader header, long now)
    {
        Unique = header.Unique;
        Uid = header.Uid;
        Gid = header.Gid;
        Pid = header.Pid;
        Opcode = header.Opcode;
        Node = header.Node;
        Started = now;
        Asked = 0;
        Given = default;
        Parked = null;
        Awaited = null;
        length = 0;
    }

    /// <inheritdoc/>
    public override ParkedRequest Park()
    {
        if (Parked is not null)
            throw new InvalidOperationException("This request is parked already.");

        Parked = new FuseParkedRequest(this, lateSink, parking, parkedCounters);
        parking.Add(Parked);
        return Parked;
    }

    /// <summary>Adds a struct to the payload.</summary>
    internal Errno Reply<T>(in T value) where T : unmanaged
    {
        length += WireStruct.Write(Room[length..], value);
        return Errno.Ok;
    }

    /// <summary>Makes the first bytes of the room the payload.</summary>
    internal Errno ReplyLength(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Room.Length);
        length = bytes;
        return Errno.Ok;
    }

    /// <summary>Sends the reply; a failure carries no payload.</summary>
    internal Errno Send(Errno error)
    {
        int payload = error == Errno.Ok ? length : 0;
        Span<byte> message = reply.Span[..(OutHeader.ByteSize + payload)];
        ReplyWire.Fill(message, Unique, error, payload);
        return ReplyWire.SendFilled(sink, Unique, message, default);
    }

    public void Dispose() => reply.Dispose();
}

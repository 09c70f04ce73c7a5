using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// One conversation on a <see cref="Channel"/>. Answers come back in the order of the requests. The gate is a leaf lock: the service, the
/// kernel and parked requests are called without it.
/// </summary>
internal sealed partial class ChannelFile(Channel channel, int flags) : OpenFile
{
    private const int MaxOutstanding = 256;
    private const uint Readable = 0x041, Writable = 0x104;

    private readonly List<byte> draft = [];
    private readonly LinkedList<ChannelExchange> exchanges = new();
    private readonly Queue<ParkedRead> readers = new();
    private ulong pollHandle;
    private bool isPolled;

    /// <summary>Guards the conversation and the exchanges in it.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>A stream: a write does not wait for a read that is pending on the same descriptor.</summary>
    protected internal override OpenReplyFlags Flags => OpenReplyFlags.DirectIo | OpenReplyFlags.Stream;

    protected internal override ulong? Size => 0;

    protected internal override Errno Write(Request request, ulong offset, ReadOnlySpan<byte> data, out int count)
    {
        count = 0;
        if (!channel.IsUp)
        {
            return Errno.EHOSTDOWN;
        }
        while (count < data.Length)
        {
            ReadOnlySpan<byte> rest = data[count..];
            int newline = channel.Framing == ChannelFraming.Line ? rest.IndexOf((byte)'\n') : -1;
            Errno error = AddToDraft(newline < 0 ? rest : rest[..newline]);
            if (error == Errno.Ok && newline >= 0)
            {
                error = SubmitDraft(request);
            }
            if (error != Errno.Ok)
            {
                // Requests of the same write that were taken stand; a short count tells the client how far it got.
                return count == 0 ? error : Errno.Ok;
            }
            count += newline < 0 ? rest.Length : newline + 1;
        }
        return Errno.Ok;
    }

    protected internal override Errno Read(Request request, ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        Errno error = SubmitDraft(request);
        if (error != Errno.Ok)
        {
            return error;
        }
        ParkedRead reader;
        lock (Gate)
        {
            if (readers.Count == 0 && IsReadable())
            {
                return Take(buffer, out count);
            }
            if ((flags & OpenFlags.NonBlocking) != 0)
            {
                return Errno.EAGAIN;
            }
            reader = new(request.Park(), buffer.Length);
            readers.Enqueue(reader);
        }
        reader.Watch();
        return Vfs.Parked;
    }

    protected internal override uint Poll(Request request, ulong pollHandle, bool wakeup, uint wanted)
    {
        const uint error = 0x008;
        if ((wanted & Readable) != 0 && SubmitDraft(request) != Errno.Ok)
        {
            return error | Writable;
        }
        lock (Gate)
        {
            (this.pollHandle, isPolled) = (pollHandle, wakeup);
            return IsReadable() ? Readable | Writable : Writable;
        }
    }

    /// <summary>truncate has nothing to do here; `echo q > ctl` asks for it.</summary>
    protected internal override Errno Truncate(Request request, ulong size) => Errno.Ok;

    protected internal override void Close(Request request)
    {
        channel.Closed(this);
        // What a write-only descriptor asked for, nobody waits for, and it is meant to happen.
        if (!OpenFlags.Reads(flags))
        {
            return;
        }
        List<Action> callbacks = [];
        lock (Gate)
        {
            foreach (ChannelExchange exchange in exchanges)
            {
                if (exchange.Abandon() is Action callback)
                {
                    callbacks.Add(callback);
                }
            }
            exchanges.Clear();
        }
        callbacks.ForEach(static callback => callback());
        Wake();
    }

    private Errno AddToDraft(ReadOnlySpan<byte> part)
    {
        lock (Gate)
        {
            if (part.Length > channel.Capacity - draft.Count)
            {
                draft.Clear();
                return Errno.EFBIG;
            }
            draft.AddRange(part);
            return Errno.Ok;
        }
    }

    /// <summary>Hands what was written to the service; an empty draft is no request.</summary>
    private Errno SubmitDraft(Request request)
    {
        LinkedListNode<ChannelExchange> place;
        lock (Gate)
        {
            if (draft.Count == 0)
            {
                return Errno.Ok;
            }
            if (exchanges.Count >= MaxOutstanding)
            {
                return Errno.EAGAIN;
            }
            place = exchanges.AddLast(new ChannelExchange(this, [.. draft], request.Uid, request.Pid));
            draft.Clear();
        }
        Errno error = channel.Submit(place.Value);
        if (error != Errno.Ok)
        {
            lock (Gate)
            {
                if (place.List is not null)
                {
                    exchanges.Remove(place);
                }
            }
            Wake();
        }
        return error;
    }
}

using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

/// <summary>A request that has left its dispatcher thread. Whoever claims it first, its owner or the end of the connection, answers it.</summary>
internal sealed class FuseParkedRequest : ParkedRequest
{
    private const int Waiting = 0, Answered = 1, Abandoned = 2;

    private readonly Lock gate = new();
    private readonly ReplySink sink;
    private readonly ParkedRequests parking;
    private readonly OperationCounters counters;
    private readonly FuseOpcode opcode;
    private readonly uint asked;
    private readonly long started;
    private int state;
    private volatile bool interrupted;
    private Action<ParkedRequest>? callback;

    internal FuseParkedRequest(FuseRequest request, ReplySink sink, ParkedRequests parking, OperationCounters counters)
    {
        Unique = request.Unique;
        opcode = request.Opcode;
        asked = request.Asked;
        started = request.Started;
        this.sink = sink;
        this.parking = parking;
        this.counters = counters;
    }

    /// <inheritdoc/>
    public override bool Interrupted => interrupted;

    /// <inheritdoc/>
    public override void OnInterrupt(Action<ParkedRequest> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (gate)
        {
            if (!interrupted)
            {
                this.callback = callback;
                return;
            }
        }

        callback(this);
    }

    /// <inheritdoc/>
    public override void Complete(Errno error)
    {
        if (!ReplyWire.IsErrno(error))
            throw new ArgumentOutOfRangeException(nameof(error), error, "Not an error number that the wire carries.");

        Answer(error, default);
    }

    /// <inheritdoc/>
    public override void CompleteData(ReadOnlySpan<byte> data)
    {
        if (opcode is FuseOpcode.GetXattr or FuseOpcode.ListXattr)
        {
            CompleteXattr(data);
            return;
        }

        if ((uint)data.Length > asked)
        {
            Answer(Errno.EIO, default);
            throw new ArgumentException($"{data.Length} bytes answer a request for {asked}.", nameof(data));
        }

        Answer(Errno.Ok, data);
    }

    /// <inheritdoc/>
    public override void CompleteCount(uint count) => Answer(new CountOut { Count = count });

    /// <inheritdoc/>
    public override void CompletePosition(ulong position) => Answer(new SeekOut { Offset = position });

    /// <inheritdoc/>
    public override void CompleteOpen(in OpenReply reply) => Answer(WireConvert.ToWire(reply));

    /// <inheritdoc/>
    public override void CompletePoll(uint events) => Answer(new PollOut { Events = events });

    /// <summary>Tells the owner that the client has given up.</summary>
    internal void Interrupt()
    {
        Action<ParkedRequest>? toRun;
        lock (gate)
        {
            interrupted = true;
            toRun = callback;
            callback = null;
        }

        toRun?.Invoke(this);
    }

    /// <summary>Answers in place of the owner, whose own answer is then dropped. False: the owner was faster.</summary>
    internal bool Abandon(Errno error)
    {
        if (Interlocked.CompareExchange(ref state, Abandoned, Waiting) != Waiting)
            return false;

        Send(error, default);
        return true;
    }

    /// <summary>Takes it off the list without an answer: it is dispatched again. False: it is answered already.</summary>
    internal bool TryLeave()
    {
        if (Interlocked.CompareExchange(ref state, Answered, Waiting) != Waiting)
            return false;

        parking.Remove(this);
        return true;
    }

    private void CompleteXattr(ReadOnlySpan<byte> data)
    {
        if (asked == 0)
        {
            Answer(new GetXattrOut { Size = (uint)data.Length });
        }
        else if ((uint)data.Length > asked)
        {
            Answer(Errno.ERANGE, default);
        }
        else
        {
            Answer(Errno.Ok, data);
        }
    }

    private void Answer<T>(in T value) where T : unmanaged
    {
        Span<byte> payload = stackalloc byte[32];
        Answer(Errno.Ok, payload[..WireStruct.Write(payload, value)]);
    }

    private void Answer(Errno error, ReadOnlySpan<byte> payload)
    {
        int before = Interlocked.CompareExchange(ref state, Answered, Waiting);
        if (before == Waiting)
        {
            Send(error, payload);
        }
        else if (before == Answered || Interlocked.CompareExchange(ref state, Answered, Abandoned) != Abandoned)
        {
            throw new InvalidOperationException($"Request {Unique} is answered already.");
        }
    }

    private void Send(Errno error, ReadOnlySpan<byte> payload)
    {
        // Off the list first: once the reply is out, the kernel may use the number again.
        parking.Remove(this);
        counters.CountShared(opcode, error);
        ReplyWire.Send(sink, Unique, error, payload);
        counters.AddTimeShared(opcode, started);
    }
}

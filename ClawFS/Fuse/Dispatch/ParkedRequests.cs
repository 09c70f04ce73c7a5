using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// The requests that wait, by number, and the interrupts that came before their request was parked. The lock is a leaf: no callback
/// and no write to the device runs under it.
/// </summary>
internal sealed class ParkedRequests
{
    /// <summary>More early interrupts than this are not remembered; the oldest goes, and its client waits until its answer comes.</summary>
    private const int MaxEarly = 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, FuseParkedRequest> waiting = [];
    private readonly HashSet<ulong> early = [];
    private readonly Queue<ulong> earlyOrder = [];
    private volatile int earlyCount;
    private bool closed;

    /// <summary>How many wait now.</summary>
    internal int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    internal void Add(FuseParkedRequest request)
    {
        bool interrupted, late;
        lock (gate)
        {
            late = closed;
            waiting[request.Unique] = request;
            interrupted = ForgetLocked(request.Unique);
        }

        if (late)
        {
            request.Abandon(Errno.ENODEV);
        }

        if (interrupted)
        {
            request.Interrupt();
        }
    }

    internal void Remove(FuseParkedRequest request)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(request.Unique, out FuseParkedRequest? found) && ReferenceEquals(found, request))
            {
                waiting.Remove(request.Unique);
            }
        }
    }

    /// <summary>
    /// INTERRUPT. True: its target is not known and was not when an interrupt for it came before, so the kernel is asked to send it
    /// once more (EAGAIN). The interrupt is remembered meanwhile, so that it works whenever the target is parked.
    /// </summary>
    internal bool Interrupt(ulong unique)
    {
        FuseParkedRequest? target;
        bool first = false;
        lock (gate)
        {
            if (!waiting.TryGetValue(unique, out target))
            {
                first = RememberLocked(unique);
            }
        }

        target?.Interrupt();
        return first;
    }

    /// <summary>The request is answered: an interrupt for it has no meaning any more.</summary>
    internal void Forget(ulong unique)
    {
        // Read without the lock on every request: interrupts are rare.
        if (earlyCount == 0)
            return;

        lock (gate)
        {
            ForgetLocked(unique);
        }
    }

    /// <summary>
    /// The mount is gone: everything that waits is answered, and so is what is parked from now on. An owner's callback that throws is
    /// reported and keeps nobody else waiting.
    /// </summary>
    internal void Close(Errno error, Action<Exception, FuseOpcode> report)
    {
        FuseParkedRequest[] all;
        lock (gate)
        {
            closed = true;
            all = [.. waiting.Values];
        }

        foreach (FuseParkedRequest request in all)
        {
            try
            {
                request.Interrupt();
            }
            catch (Exception bug)
            {
                report(bug, FuseOpcode.Interrupt);
            }

            request.Abandon(error);
        }
    }

    private bool RememberLocked(ulong unique)
    {
        if (!early.Add(unique))
            return false;

        earlyOrder.Enqueue(unique);
        if (earlyOrder.Count > MaxEarly)
        {
            early.Remove(earlyOrder.Dequeue());
        }

        earlyCount = early.Count;
        return true;
    }

    private bool ForgetLocked(ulong unique)
    {
        bool known = early.Remove(unique);
        earlyCount = early.Count;
        if (early.Count == 0)
        {
            earlyOrder.Clear();
        }

        return known;
    }
}

using ClawFS.Fuse.Dispatch;
using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Device;

/// <summary>
/// The queue and the one thread that tell the kernel what to drop. Writing may wait for page and directory locks that a pending request
/// holds; nothing is locked meanwhile, so the request can go on. While a parked LOOKUP or CREATE waits in a folder, dropping a name of
/// that folder waits too, and with it all that is queued behind. An inode that is queued already is not queued twice.
/// </summary>
internal sealed class FuseNotifier : KernelCache
{
    private readonly ReplySink sink;
    private readonly Action<Exception, FuseOpcode> report;
    private readonly object gate = new();
    private readonly Queue<Notification> queue = [];
    private readonly HashSet<(ulong Node, long Offset, long Length)> queuedInodes = [];
    private readonly Thread thread;
    private bool stopped;

    internal FuseNotifier(ReplySink sink, Action<Exception, FuseOpcode> report)
    {
        this.sink = sink;
        this.report = report;
        thread = new Thread(Run) { IsBackground = true, Name = "fuse notify" };
    }

    internal void Start() => thread.Start();

    /// <inheritdoc/>
    public override void InvalidateInode(ulong node, long offset, long length)
    {
        lock (gate)
        {
            if (queuedInodes.Add((node, offset, length)))
            {
                Enqueue(new Notification(NotifyCode.InvalidateInode, node, offset, length, null));
            }
        }
    }

    /// <inheritdoc/>
    public override void InvalidateEntry(ulong parent, ReadOnlySpan<byte> name)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, Vfs.Vfs.MaxName, nameof(name));
        Enqueue(new Notification(NotifyCode.InvalidateEntry, parent, 0, 0, name.ToArray()));
    }

    /// <summary>
    /// Invalidating pages makes the kernel write the dirty ones first (fs/fuse/inode.c, fuse_reverse_inval_inode), and the notification's write(2)
    /// returns after that. Never joined with a queued one: it must come after what is dirty now.
    /// </summary>
    public override void WriteBack(ulong node, Action done) => Enqueue(new Notification(NotifyCode.InvalidateInode, node, 0, 0, null, done));

    /// <summary>
    /// Drops the attributes of the inode, which is harmless, and sees whether there was one: the kernel says ENOENT (fs/fuse/inode.c,
    /// fuse_reverse_inval_inode) and waits for nothing.
    /// </summary>
    public override bool Holds(ulong node) => SendNow(new Notification(NotifyCode.InvalidateInode, node, -1, 0, null)) == Errno.Ok;

    /// <summary>The kernel only counts up (fs/fuse/dev.c, fuse_notify_inc_epoch): a name of an earlier epoch is not valid when it is next walked through.</summary>
    public override bool DropNames()
    {
        Errno error = SendNow(new Notification(NotifyCode.IncrementEpoch, 0, 0, 0, null));
        if (error is not (Errno.Ok or Errno.EINVAL or Errno.ENODEV))
        {
            report(new InvalidOperationException($"Having all names asked again: {error}."), FuseOpcode.None);
        }
        return error == Errno.Ok;
    }

    /// <inheritdoc/>
    public override void PollWakeup(ulong pollHandle) => Enqueue(new Notification(NotifyCode.Poll, pollHandle, 0, 0, null));

    /// <summary>Asks for all requests that the kernel has handed out and not got back.</summary>
    internal void Resend() => Enqueue(new Notification(NotifyCode.Resend, 0, 0, 0, null));

    /// <summary>The same, and done when it returns: the kernel only moves requests from one list to another and waits for nothing.</summary>
    internal void ResendNow()
    {
        Errno error = SendNow(new Notification(NotifyCode.Resend, 0, 0, 0, null));
        if (error is not (Errno.Ok or Errno.ENODEV))
        {
            report(new InvalidOperationException($"Asking again for requests under way: {error}."), FuseOpcode.None);
        }
    }

    /// <summary>Drops what is queued and ends the thread.</summary>
    internal void Stop()
    {
        lock (gate)
        {
            stopped = true;
            queue.Clear();
            queuedInodes.Clear();
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Past the queue: only for what the kernel does without waiting for a lock.</summary>
    private Errno SendNow(Notification notification)
    {
        Span<byte> message = stackalloc byte[OutHeader.ByteSize + 24];
        return sink.Send(message[..notification.Write(message)], default);
    }

    private void Enqueue(Notification notification)
    {
        lock (gate)
        {
            if (stopped)
                return;

            queue.Enqueue(notification);
            Monitor.Pulse(gate);
        }
    }

    private void Run()
    {
        Span<byte> message = stackalloc byte[OutHeader.ByteSize + 24 + Vfs.Vfs.MaxName + 1];
        while (Next() is { } notification)
        {
            Errno error = sink.Send(message[..notification.Write(message)], default);

            // ENOENT: nothing of the kind is cached. ENODEV: the mount is going, and with it the caches.
            if (error is not (Errno.Ok or Errno.ENOENT or Errno.ENODEV))
            {
                report(new InvalidOperationException($"Notification {notification.Code} of {notification.Node}: {error}."), FuseOpcode.None);
            }
            notification.Sent?.Invoke();
        }
    }

    private Notification? Next()
    {
        lock (gate)
        {
            while (queue.Count == 0 && !stopped)
            {
                Monitor.Wait(gate);
            }

            if (stopped)
                return null;

            // Taken off the set before it is sent: a change that comes while it is being sent must be told again.
            Notification next = queue.Dequeue();
            if (next.Sent is null)
            {
                queuedInodes.Remove((next.Node, next.Offset, next.Length));
            }
            return next;
        }
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// The fs side of the `notify` worker, which makes inotify fire for generated files: inotify sees only what goes through the mount, and fs
/// itself must never open a path of it. fs sends paths; the worker opens each one for writing and calls ftruncate, and fs absorbs that.
/// </summary>
/// <remarks>
/// Frames, fs to worker: one byte with the number of touches wanted (1..16), then the path relative to the mount. Worker to fs: its thread
/// id as a 32-bit little-endian number, once, when it starts. That thread id is how fs knows the worker in a request: generated files are
/// 0444, so LOOKUP and GETATTR show it 0666 (attributes have no time to live, so the kernel asks again for everybody else), its opens for
/// writing give a <see cref="TouchFile"/>, and fs refuses everybody else's itself. A thread id that comes to belong to another program
/// gains that program nothing but touches. Touch never blocks: a stopped worker costs pending paths, at most <see cref="MaxPending"/>.
/// </remarks>
public sealed class NotifyLink : IDisposable
{
    /// <summary>Least time between two touches of one path, in milliseconds: 20 a second.</summary>
    public const int IntervalMilliseconds = 50;

    /// <summary>Most paths that wait; further ones are dropped, as inotify drops events when its queue is full.</summary>
    public const int MaxPending = 4096;

    /// <summary>Most touches of one path in one frame; what is left of them follows an interval later.</summary>
    public const int MaxTouches = 16;

    private readonly MessageChannel channel;
    private readonly object gate = new();
    private readonly Dictionary<byte[], int> pending = new(NameComparer.Instance);
    private readonly Dictionary<byte[], long> sentAt = new(NameComparer.Instance);
    private volatile uint workerThread;
    private bool isClosed;

    /// <summary>Starts the two threads that carry frames. The link owns the channel; they end when the worker's end is closed.</summary>
    public NotifyLink(MessageChannel channel)
    {
        this.channel = channel;
        new Thread(SendLoop) { IsBackground = true, Name = "notify send" }.Start();
        new Thread(ReceiveLoop) { IsBackground = true, Name = "notify receive" }.Start();
    }

    /// <summary>Thread id of the worker as FUSE requests carry it; 0 until it has said so.</summary>
    public uint WorkerThread => workerThread;

    /// <summary>Asks for touches of a path. A path that already waits is not queued again.</summary>
    /// <param name="path">Relative to the mount, without a leading slash.</param>
    /// <param name="times">How many inodes the kernel holds for it.</param>
    public void Touch(ReadOnlySpan<byte> path, int times)
    {
        lock (gate)
        {
            if (isClosed || pending.Count >= MaxPending || path.Length >= MessageChannel.MaxMessage || path.IsEmpty)
            {
                return;
            }
            pending.GetAlternateLookup<ReadOnlySpan<byte>>()[path] = Math.Max(times, 1);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Stops sending and closes the channel.</summary>
    public void Dispose()
    {
        Close();
        channel.Dispose();
    }

    private void Close()
    {
        lock (gate)
        {
            isClosed = true;
            pending.Clear();
            Monitor.PulseAll(gate);
        }
    }

    private void SendLoop()
    {
        bool isOpen = true;
        while (isOpen && TakeDue(out byte[] path, out int times))
        {
            isOpen = TrySend([(byte)times, .. path]);
        }
        Close();
    }

    private bool TrySend(ReadOnlySpan<byte> frame)
    {
        try
        {
            return channel.Send(frame);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // Without a worker only inotify is missing; the supervisor brings another one with a channel of its own.
            return false;
        }
    }

    /// <summary>Waits for a path whose interval has passed.</summary>
    private bool TakeDue(out byte[] path, out int times)
    {
        lock (gate)
        {
            while (!isClosed)
            {
                if (workerThread == 0)
                {
                    // Before it has said who it is, its touches would be taken for somebody's writes.
                    Monitor.Wait(gate);
                    continue;
                }
                long now = Environment.TickCount64;
                long wait = long.MaxValue;
                foreach ((byte[] candidate, int wanted) in pending)
                {
                    long due = sentAt.TryGetValue(candidate, out long sent) ? sent + IntervalMilliseconds - now : 0;
                    if (due <= 0)
                    {
                        pending.Remove(candidate);
                        if (wanted > MaxTouches)
                        {
                            pending[candidate] = wanted - MaxTouches;
                        }
                        Remember(candidate, now);
                        (path, times) = (candidate, Math.Min(wanted, MaxTouches));
                        return true;
                    }
                    wait = Math.Min(wait, due);
                }
                Monitor.Wait(gate, wait == long.MaxValue ? Timeout.Infinite : (int)wait);
            }
        }
        (path, times) = ([], 0);
        return false;
    }

    private void Remember(byte[] path, long now)
    {
        if (sentAt.Count > MaxPending)
        {
            foreach ((byte[] old, long sent) in sentAt)
            {
                if (now - sent >= IntervalMilliseconds)
                {
                    sentAt.Remove(old);
                }
            }
        }
        sentAt[path] = now;
    }

    private void ReceiveLoop()
    {
        byte[] hello = new byte[MessageChannel.MaxMessage];
        for (int length = Receive(hello); length != 0; length = Receive(hello))
        {
            lock (gate)
            {
                workerThread = length == sizeof(uint) ? BitConverter.ToUInt32(hello) : workerThread;
                Monitor.PulseAll(gate);
            }
        }
        workerThread = 0;
        Close();
    }

    private int Receive(Span<byte> buffer)
    {
        try
        {
            return channel.Receive(buffer);
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // As for sending: the end of the worker, however it comes, ends the link and nothing else.
            return 0;
        }
    }
}

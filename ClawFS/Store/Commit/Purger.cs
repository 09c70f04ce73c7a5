using ClawFS.Linux;

namespace ClawFS.Store.Commit;

/// <summary>
/// Ends files that are too large to end within the request that gave up their last name: in steps of one journal record each, between which other changes
/// pass. The set of orphans is persistent, so that what a kill or a close interrupts goes on when the store is opened again.
/// </summary>
internal sealed class Purger : IDisposable
{
    private readonly Func<ulong, bool> tryEnd;
    private readonly Action<string> report;
    private readonly Lock guard = new();
    private readonly Lock running = new();
    private readonly Queue<ulong> waiting = [];
    private readonly SemaphoreSlim wake = new(0);
    private Thread? thread;
    private volatile bool stopping;

    /// <param name="tryEnd">Does one step; false while there is more to do.</param>
    /// <param name="report">Takes a line about what cannot be ended.</param>
    public Purger(Func<ulong, bool> tryEnd, Action<string> report)
    {
        this.tryEnd = tryEnd;
        this.report = report;
    }

    /// <summary>Starts ending in the background.</summary>
    public void Start()
    {
        thread = new Thread(Loop) { IsBackground = true, Name = "claw purge" };
        thread.Start();
    }

    /// <summary>Takes an orphan whose end has begun. After <see cref="Dispose"/> it waits for the next opening.</summary>
    public void Add(ulong inode)
    {
        lock (guard)
        {
            if (!stopping)
            {
                waiting.Enqueue(inode);
                wake.Release();
            }
        }
    }

    /// <summary>Ends all that waits on this thread: for whoever finds the store full. Must be called outside the gate.</summary>
    public void Drain()
    {
        while (Step())
        {
        }
    }

    public void Dispose()
    {
        lock (guard)
        {
            stopping = true;
            wake.Release();
        }
        thread?.Join();
        wake.Dispose();
    }

    private bool Step()
    {
        lock (running)
        {
            ulong inode;
            lock (guard)
            {
                if (stopping || !waiting.TryPeek(out inode))
                {
                    return false;
                }
            }
            if (IsDone(inode))
            {
                lock (guard)
                {
                    waiting.Dequeue();
                }
            }
            return true;
        }
    }

    private bool IsDone(ulong inode)
    {
        try
        {
            return tryEnd(inode);
        }
        catch (StoreException e)
        {
            // A full disk or damage: the orphan stays in its set, and the next opening tries again.
            if (e.Error != Errno.ENOKEY)
            {
                report($"inode {inode} has no name and cannot be ended: {e.Message}");
            }
            return true;
        }
    }

    private void Loop()
    {
        while (!stopping)
        {
            wake.Wait();
            Drain();
        }
    }
}

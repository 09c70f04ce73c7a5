namespace ClawFS.Search.Index;

/// <summary>
/// Files that must be looked at again, each once, with the earliest time for it: a file that is written a hundred times a second is read twice a second, and
/// its last state wins. Safe for several threads; one takes.
/// </summary>
internal sealed class ChangeQueue
{
    /// <summary>Milliseconds between two looks at one file.</summary>
    public const long Pause = 500;

    private readonly Lock gate = new();
    private readonly PriorityQueue<ulong, long> order = new();
    private readonly HashSet<ulong> waiting = [];
    private readonly Dictionary<ulong, long> seen = [];

    /// <summary>Files that wait.</summary>
    public int Count
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <summary>Signalled when something was added.</summary>
    public AutoResetEvent Added { get; } = new(false);

    /// <summary>Adds a file, unless it waits already.</summary>
    /// <param name="inode">The file.</param>
    /// <param name="now">A clock in milliseconds (<see cref="Environment.TickCount64"/>).</param>
    public void Add(ulong inode, long now)
    {
        lock (gate)
        {
            if (!waiting.Add(inode))
            {
                return;
            }
            order.Enqueue(inode, seen.TryGetValue(inode, out long last) ? Math.Max(now, last + Pause) : now);
        }
        Added.Set();
    }

    /// <summary>Takes the file that is due first; false with the milliseconds until one is (-1: none waits).</summary>
    public bool TryTake(long now, out ulong inode, out long wait)
    {
        lock (gate)
        {
            wait = -1;
            if (!order.TryPeek(out inode, out long due))
            {
                return false;
            }
            if (due > now)
            {
                wait = due - now;
                return false;
            }
            order.Dequeue();
            waiting.Remove(inode);
            Remember(inode, now);
            return true;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (gate)
        {
            order.Clear();
            waiting.Clear();
            seen.Clear();
        }
    }

    private void Remember(ulong inode, long now)
    {
        if (seen.Count >= 4096)
        {
            foreach ((ulong old, long at) in seen)
            {
                if (at + Pause < now)
                {
                    seen.Remove(old);
                }
            }
        }
        seen[inode] = now;
    }
}

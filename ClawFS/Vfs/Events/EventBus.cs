namespace ClawFS.Vfs;

/// <summary>Takes events from the bus, on its thread or on that of whoever drains it, one at a time and in order. Must be quick and must not throw.</summary>
public delegate void FsEventHandler(in FsEvent e);

/// <summary>
/// The in-process bus: a ring of bounded length between the trees, which publish while they answer requests, and subscribers, which one
/// thread serves. When subscribers are too slow the oldest events are dropped, and how many is told in their place.
/// </summary>
public sealed class EventBus : FsEventSink, IDisposable
{
    /// <summary>Events that wait by default.</summary>
    public const int DefaultCapacity = 8192;

    private readonly object gate = new();
    // Held while subscribers run, so that they see events one at a time. Lock order: this, then gate.
    private readonly Lock delivery = new();
    private readonly FsEvent[] ring;
    private readonly Thread thread;
    private volatile Subscription[] subscriptions = [];
    private int first;
    private int count;
    private long unreported;
    private bool isClosed;

    /// <summary>Starts the thread.</summary>
    public EventBus(int capacity = DefaultCapacity)
    {
        ring = new FsEvent[capacity];
        thread = new Thread(Run) { IsBackground = true, Name = "events" };
        thread.Start();
    }

    /// <summary>Events published since the start.</summary>
    public long Published { get; private set; }

    /// <summary>Events dropped since the start.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds one event; never waits for a subscriber, allocates nothing.</summary>
    public override void Publish(in FsEvent e)
    {
        lock (gate)
        {
            if (isClosed)
            {
                return;
            }
            Published++;
            if (count == ring.Length)
            {
                first = (first + 1) % ring.Length;
                count--;
                unreported++;
                Dropped++;
            }
            ring[(first + count) % ring.Length] = e;
            if (count++ == 0)
            {
                Monitor.Pulse(gate);
            }
        }
    }

    /// <summary>Adds a subscriber; disposing the answer takes it away again.</summary>
    /// <param name="handler">Called for each event.</param>
    /// <param name="lost">Called in the place of events that were dropped, with their number.</param>
    public IDisposable Subscribe(FsEventHandler handler, Action<long>? lost = null)
    {
        Subscription subscription = new(this, handler, lost);
        lock (delivery)
        {
            subscriptions = [.. subscriptions, subscription];
        }
        return subscription;
    }

    /// <summary>
    /// Delivers what has been published so far on this thread, so that a reader of `events` sees its own last act. Gives up if the
    /// bus thread is busy for longer than <paramref name="patience"/>.
    /// </summary>
    public void Drain(TimeSpan patience)
    {
        if (delivery.TryEnter(patience))
        {
            try
            {
                DeliverAll();
            }
            finally
            {
                delivery.Exit();
            }
        }
    }

    /// <summary>Delivers what is left and ends the thread.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isClosed = true;
            Monitor.Pulse(gate);
        }
        thread.Join();
    }

    private void Run()
    {
        while (WaitForEvents())
        {
            lock (delivery)
            {
                DeliverAll();
            }
        }
    }

    private bool WaitForEvents()
    {
        lock (gate)
        {
            while (count == 0 && !isClosed)
            {
                Monitor.Wait(gate);
            }
            return count != 0;
        }
    }

    private void DeliverAll()
    {
        while (TryTake(out FsEvent e, out long lost))
        {
            foreach (Subscription subscription in subscriptions)
            {
                if (lost != 0)
                {
                    subscription.Lost?.Invoke(lost);
                }
                subscription.Handler(in e);
            }
        }
    }

    private bool TryTake(out FsEvent e, out long lost)
    {
        lock (gate)
        {
            (e, lost) = (default, 0);
            if (count == 0)
            {
                return false;
            }
            (e, lost) = (ring[first], unreported);
            ring[first] = default;
            first = (first + 1) % ring.Length;
            count--;
            unreported = 0;
            return true;
        }
    }

    private sealed class Subscription(EventBus bus, FsEventHandler handler, Action<long>? lost) : IDisposable
    {
        public FsEventHandler Handler { get; } = handler;
        public Action<long>? Lost { get; } = lost;

        public void Dispose()
        {
            lock (bus.delivery)
            {
                bus.subscriptions = Array.FindAll(bus.subscriptions, other => other != this);
            }
        }
    }
}

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

    private readonly object _gate = new();
    // Held while subscribers run, so that they see events one at a time. Lock order: this, then _gate.
    private readonly Lock _delivery = new();
    private readonly FsEvent[] _ring;
    private readonly Thread _thread;
    private volatile Subscription[] _subscriptions = [];
    private int _first;
    private int _count;
    private long _lost;
    private bool _isClosed;

    /// <summary>Starts the thread.</summary>
    public EventBus(int capacity = DefaultCapacity)
    {
        _ring = new FsEvent[capacity];
        _thread = new Thread(Run) { IsBackground = true, Name = "events" };
        _thread.Start();
    }

    /// <summary>Events published since the start.</summary>
    public long Published { get; private set; }

    /// <summary>Events dropped since the start.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds one event; never waits for a subscriber, allocates nothing.</summary>
    public override void Publish(in FsEvent e)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }
            Published++;
            if (_count == _ring.Length)
            {
                _first = (_first + 1) % _ring.Length;
                _count--;
                _lost++;
                Dropped++;
            }
            _ring[(_first + _count) % _ring.Length] = e;
            if (_count++ == 0)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Adds a subscriber; disposing the answer takes it away again.</summary>
    /// <param name="handler">Called for each event.</param>
    /// <param name="lost">Called in the place of events that were dropped, with their number.</param>
    public IDisposable Subscribe(FsEventHandler handler, Action<long>? lost = null)
    {
        Subscription subscription = new(this, handler, lost);
        lock (_delivery)
        {
            _subscriptions = [.. _subscriptions, subscription];
        }
        return subscription;
    }

    /// <summary>
    /// Delivers what has been published so far on this thread, so that a reader of `events` sees its own last act. Gives up if the
    /// bus thread is busy for longer than <paramref name="patience"/>.
    /// </summary>
    public void Drain(TimeSpan patience)
    {
        if (_delivery.TryEnter(patience))
        {
            try
            {
                DeliverAll();
            }
            finally
            {
                _delivery.Exit();
            }
        }
    }

    /// <summary>Delivers what is left and ends the thread.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
    }

    private void Run()
    {
        while (WaitForEvents())
        {
            lock (_delivery)
            {
                DeliverAll();
            }
        }
    }

    private bool WaitForEvents()
    {
        lock (_gate)
        {
            while (_count == 0 && !_isClosed)
            {
                Monitor.Wait(_gate);
            }
            return _count != 0;
        }
    }

    private void DeliverAll()
    {
        while (TryTake(out FsEvent e, out long lost))
        {
            foreach (Subscription subscription in _subscriptions)
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
        lock (_gate)
        {
            (e, lost) = (default, 0);
            if (_count == 0)
            {
                return false;
            }
            (e, lost) = (_ring[_first], _lost);
            _ring[_first] = default;
            _first = (_first + 1) % _ring.Length;
            _count--;
            _lost = 0;
            return true;
        }
    }

    private sealed class Subscription(EventBus bus, FsEventHandler handler, Action<long>? lost) : IDisposable
    {
        public FsEventHandler Handler { get; } = handler;
        public Action<long>? Lost { get; } = lost;

        public void Dispose()
        {
            lock (bus._delivery)
            {
                bus._subscriptions = Array.FindAll(bus._subscriptions, other => other != this);
            }
        }
    }
}

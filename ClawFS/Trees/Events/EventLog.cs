using System.Buffers;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// Writes the bus into `events`. Lines are made on the bus thread, gathered, and stored at the latest 50 ms later or when somebody looks,
/// so that a reader sees its own last act. At 64 MiB the file becomes `events.1` and a new one begins.
/// </summary>
/// <remarks>Lock order: the bus's delivery, then _storing, then _gate. _gate is never held while the storage is called.</remarks>
public sealed class EventLog : IDisposable
{
    /// <summary>Bytes at which the file is rotated, by default.</summary>
    public const long DefaultMaxBytes = 64L * 1024 * 1024;

    private const int FlushMilliseconds = 50;
    private const int MaxGathered = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly EventBus _bus;
    private readonly EventLogStorage _storage;
    private readonly EventLine _line;
    private readonly long _maxBytes;
    private readonly IDisposable _subscription;
    private readonly Timer _timer;
    private readonly Lock _gate = new();
    private readonly Lock _storing = new();
    private ArrayBufferWriter<byte> _gathering = new();
    private ArrayBufferWriter<byte> _spare = new();
    private readonly ArrayBufferWriter<byte> _made = new();
    private long _gatheredEvents;
    private long _untold;

    /// <summary>Subscribes to the bus.</summary>
    /// <param name="bus">Where events come from.</param>
    /// <param name="storage">Where lines go.</param>
    /// <param name="paths">Finds the path of a node, stored or generated (<see cref="MountTable.TryGetPath"/>).</param>
    /// <param name="maxBytes">Bytes at which the file is rotated.</param>
    /// <param name="comm">Finds a program's name by thread id; null = /proc.</param>
    public EventLog(EventBus bus, EventLogStorage storage, NodePath paths, long maxBytes = DefaultMaxBytes, Func<uint, string?>? comm = null)
    {
        _bus = bus;
        _storage = storage;
        _maxBytes = maxBytes;
        _line = new(paths, comm is null ? new CommCache() : new CommCache(comm));
        _timer = new Timer(_ => Flush());
        Current = new(this, isArchive: false);
        Archive = new(this, isArchive: true);
        _subscription = bus.Subscribe(Take, Lose);
    }

    /// <summary>`events`.</summary>
    public EventFile Current { get; }

    /// <summary>`events.1`.</summary>
    public EventFile Archive { get; }

    /// <summary>Events that are in no file, because the bus was full or the store refused them.</summary>
    public long Lost { get; private set; }

    internal Timestamp WrittenAt { get; private set; } = Timestamp.Now;
    internal Timestamp RotatedAt { get; private set; } = Timestamp.Now;
    internal long ArchiveLength => _storage.ArchiveLength;

    internal long Length
    {
        get
        {
            CatchUp();
            return _storage.Length;
        }
    }

    internal Errno Read(long offset, Span<byte> buffer, out int count)
    {
        CatchUp();
        return _storage.Read(offset, buffer, out count);
    }

    internal Errno ReadArchive(long offset, Span<byte> buffer, out int count) => _storage.ReadArchive(offset, buffer, out count);

    /// <summary>Stores the lines gathered so far.</summary>
    public void Flush()
    {
        bool stored = false;
        lock (_storing)
        {
            (ArrayBufferWriter<byte> lines, long events, long untold) = Exchange();
            if (lines.WrittenCount != 0)
            {
                stored = Store(lines.WrittenSpan);
                if (!stored)
                {
                    lock (_gate)
                    {
                        Lost += events;
                        _untold += events + untold;
                    }
                }
                lines.ResetWrittenCount();
            }
        }
        if (stored)
        {
            Current.Changed();
        }
    }

    /// <summary>Takes what the bus still has, leaves it, and stores what is left.</summary>
    public void Dispose()
    {
        _bus.Drain(TimeSpan.FromSeconds(1));
        _subscription.Dispose();
        _timer.Dispose();
        Flush();
    }

    private void CatchUp()
    {
        _bus.Drain(Patience);
        Flush();
    }

    private bool Store(ReadOnlySpan<byte> lines)
    {
        if (_storage.Length != 0 && _storage.Length + lines.Length > _maxBytes && _storage.TryRotate())
        {
            RotatedAt = Timestamp.Now;
        }
        bool stored = _storage.TryAppend(lines);
        WrittenAt = stored ? Timestamp.Now : WrittenAt;
        return stored;
    }

    /// <summary>Takes the gathered lines, with one in front of the next ones for those nobody will see. Under _storing.</summary>
    private (ArrayBufferWriter<byte> Lines, long Events, long Untold) Exchange()
    {
        lock (_gate)
        {
            (ArrayBufferWriter<byte> lines, long events, long untold) = (_gathering, _gatheredEvents, _untold);
            if (untold != 0)
            {
                EventLine.WriteLost(untold, lines);
            }
            (_gathering, _spare) = (_spare, lines);
            (_gatheredEvents, _untold) = (0, 0);
            return (lines, events, untold);
        }
    }

    private void Take(in FsEvent e)
    {
        _made.ResetWrittenCount();
        if (!_line.TryWrite(e, _made))
        {
            return;
        }
        bool isFull;
        lock (_gate)
        {
            _gathering.Write(_made.WrittenSpan);
            if (_gatheredEvents++ == 0)
            {
                _timer.Change(FlushMilliseconds, Timeout.Infinite);
            }
            isFull = _gathering.WrittenCount >= MaxGathered;
        }
        if (isFull)
        {
            Flush();
        }
    }

    private void Lose(long count)
    {
        lock (_gate)
        {
            Lost += count;
            _untold += count;
        }
    }
}

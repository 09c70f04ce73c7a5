using System.Buffers;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// Writes the bus into `events`. Lines are made on the bus thread, gathered, and stored at the latest 50 ms later or when somebody looks,
/// so that a reader sees its own last act. At 64 MiB the file becomes `events.1` and a new one begins.
/// </summary>
/// <remarks>Lock order: the bus's delivery, then storing, then gate. gate is never held while the storage is called.</remarks>
public sealed class EventLog : IDisposable
{
    /// <summary>Bytes at which the file is rotated, by default.</summary>
    public const long DefaultMaxBytes = 64L * 1024 * 1024;

    private const int FlushMilliseconds = 50;
    private const int MaxGathered = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly EventBus bus;
    private readonly EventLogStorage storage;
    private readonly EventLine line;
    private readonly long maxBytes;
    private readonly IDisposable subscription;
    private readonly Timer timer;
    private readonly Lock gate = new();
    private readonly Lock storing = new();
    private ArrayBufferWriter<byte> gathering = new();
    private ArrayBufferWriter<byte> spare = new();
    private readonly ArrayBufferWriter<byte> made = new();
    private long gatheredEvents;
    private long unreported;

    /// <summary>Subscribes to the bus.</summary>
    /// <param name="bus">Where events come from.</param>
    /// <param name="storage">Where lines go.</param>
    /// <param name="paths">Finds the path of a node, stored or generated (<see cref="MountTable.TryGetPath"/>).</param>
    /// <param name="maxBytes">Bytes at which the file is rotated.</param>
    /// <param name="comm">Finds a program's name by thread id; null = /proc.</param>
    public EventLog(EventBus bus, EventLogStorage storage, NodePath paths, long maxBytes = DefaultMaxBytes, Func<uint, string?>? comm = null)
    {
        this.bus = bus;
        this.storage = storage;
        this.maxBytes = maxBytes;
        line = new(paths, comm is null ? new CommCache() : new CommCache(comm));
        timer = new Timer(_ => Flush());
        Current = new(this, isArchive: false);
        Archive = new(this, isArchive: true);
        subscription = bus.Subscribe(Take, Lose);
    }

    /// <summary>`events`.</summary>
    public EventFile Current { get; }

    /// <summary>`events.1`.</summary>
    public EventFile Archive { get; }

    /// <summary>Events that are in no file, because the bus was full or the store refused them.</summary>
    public long Lost { get; private set; }

    internal Timestamp WrittenAt { get; private set; } = Timestamp.Now;
    internal Timestamp RotatedAt { get; private set; } = Timestamp.Now;
    internal long ArchiveLength => storage.ArchiveLength;

    internal long Length
    {
        get
        {
            CatchUp();
            return storage.Length;
        }
    }

    internal Errno Read(long offset, Span<byte> buffer, out int count)
    {
        CatchUp();
        return storage.Read(offset, buffer, out count);
    }

    internal Errno ReadArchive(long offset, Span<byte> buffer, out int count) => storage.ReadArchive(offset, buffer, out count);

    /// <summary>Says in the log that an earlier fs died on this mount: events of its last moments (50 ms) may be missing before this line.</summary>
    public void Restarted()
    {
        ArrayBufferWriter<byte> restarted = new();
        EventLine.WriteRestarted(restarted);
        Gather(restarted.WrittenSpan);
    }

    /// <summary>Stores the lines gathered so far.</summary>
    public void Flush()
    {
        bool stored = false;
        lock (storing)
        {
            (ArrayBufferWriter<byte> lines, long events, long untold) = Exchange();
            if (lines.WrittenCount != 0)
            {
                stored = Store(lines.WrittenSpan);
                if (!stored)
                {
                    lock (gate)
                    {
                        Lost += events;
                        unreported += events + untold;
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
        bus.Drain(TimeSpan.FromSeconds(1));
        subscription.Dispose();
        timer.Dispose();
        Flush();
    }

    private void CatchUp()
    {
        bus.Drain(Patience);
        Flush();
    }

    private bool Store(ReadOnlySpan<byte> lines)
    {
        if (storage.Length != 0 && storage.Length + lines.Length > maxBytes && storage.TryRotate())
        {
            RotatedAt = Timestamp.Now;
        }
        Errno error = storage.Append(lines);
        // Nothing can be added behind a block that is damaged: the part goes aside as it is, and a new one begins.
        if (error == Errno.EIO && storage.TryRotate())
        {
            RotatedAt = Timestamp.Now;
            error = storage.Append(lines);
        }
        bool stored = error == Errno.Ok;
        WrittenAt = stored ? Timestamp.Now : WrittenAt;
        return stored;
    }

    /// <summary>Takes the gathered lines, with one in front of the next ones for those nobody will see. Under storing.</summary>
    private (ArrayBufferWriter<byte> Lines, long Events, long Untold) Exchange()
    {
        lock (gate)
        {
            (ArrayBufferWriter<byte> lines, long events, long untold) = (gathering, gatheredEvents, unreported);
            if (untold != 0)
            {
                EventLine.WriteLost(untold, lines);
            }
            (gathering, spare) = (spare, lines);
            (gatheredEvents, unreported) = (0, 0);
            return (lines, events, untold);
        }
    }

    private void Take(in FsEvent e)
    {
        made.ResetWrittenCount();
        if (line.TryWrite(e, made))
        {
            Gather(made.WrittenSpan);
        }
    }

    private void Gather(ReadOnlySpan<byte> newLine)
    {
        bool isFull;
        lock (gate)
        {
            gathering.Write(newLine);
            if (gatheredEvents++ == 0)
            {
                timer.Change(FlushMilliseconds, Timeout.Infinite);
            }
            isFull = gathering.WrittenCount >= MaxGathered;
        }
        if (isFull)
        {
            Flush();
        }
    }

    private void Lose(long count)
    {
        lock (gate)
        {
            Lost += count;
            unreported += count;
        }
    }
}

using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// A store folder whose journal and segments are recorded call by call, so that <see cref="DiskImage"/> can build what a power loss at any point leaves. claw.db
/// does not come through <see cref="Folder"/>: it is copied whenever it has changed, and a commit of SQLite counts as atomic and durable.
/// </summary>
internal sealed class RecordingDisk
{
    private readonly Lock gate = new();
    private readonly List<DiskEvent> events = [];
    private readonly Dictionary<(string Folder, string Name), int> names = [];
    private readonly string path;
    private readonly bool durable;
    private int files;
    private int calls;
    private (long, DateTime, long, DateTime) rowsSeen;

    /// <summary>Records from the files as they are.</summary>
    /// <param name="path">The store folder.</param>
    /// <param name="durable">False: what is there has not reached the disk yet, as after a kill.</param>
    public RecordingDisk(string path, bool durable = true)
    {
        this.path = path;
        this.durable = durable;
        foreach (string folder in (string[])["log", "seg"])
        {
            foreach (string file in Directory.GetFiles(System.IO.Path.Combine(path, folder)))
                AddExisting(folder, file);
            if (durable)
                events.Add(new DiskEvent(DiskAction.SyncFolder) { Folder = folder });
        }
        NoteRows();
        Base = events.Count;
    }

    /// <summary>Events that stand for the files there were at the start.</summary>
    public int Base { get; }

    /// <summary>Asked before each call that changes something, with its number from 1 on; the result is its failure.</summary>
    public Func<int, Errno>? Fault { get; set; }

    /// <summary>Calls made while <see cref="Fault"/> was set.</summary>
    public int Calls => Volatile.Read(ref calls);

    public int Count
    {
        get
        {
            NoteRows();
            lock (gate)
                return events.Count;
        }
    }

    public DiskEvent[] Events
    {
        get
        {
            lock (gate)
                return [.. events];
        }
    }

    /// <summary>For <see cref="StoreOptions.OpenFolder"/>.</summary>
    public Folder Open(string folder) => new RecordingFolder(this, Folder.Open(folder), "");

    /// <summary>Copies claw.db if it has changed since it was last looked at.</summary>
    public void NoteRows()
    {
        var rows = new FileInfo(System.IO.Path.Combine(path, SqliteRows.FileName));
        var wal = new FileInfo(rows.FullName + "-wal");
        lock (gate)
        {
            (long, DateTime, long, DateTime) now = (rows.Length, rows.LastWriteTimeUtc, wal.Exists ? wal.Length : 0, wal.Exists ? wal.LastWriteTimeUtc : default);
            if (now == rowsSeen)
                return;
            rowsSeen = now;
            events.Add(new DiskEvent(DiskAction.Rows) { Data = File.ReadAllBytes(rows.FullName), Wal = wal.Exists ? File.ReadAllBytes(wal.FullName) : [] });
        }
    }

    public void Add(DiskEvent happened)
    {
        NoteRows();
        lock (gate)
            events.Add(happened);
    }

    /// <summary>What the test wants this call to fail with.</summary>
    public Errno NextFault() => Fault is { } fault ? fault(Interlocked.Increment(ref calls)) : Errno.Ok;

    public int FileOf(string folder, string name)
    {
        lock (gate)
            return names[(folder, name)];
    }

    public void Created(string folder, string name)
    {
        int file;
        lock (gate)
            file = names[(folder, name)] = ++files;
        Add(new DiskEvent(DiskAction.Create) { Folder = folder, Name = name, File = file });
    }

    public void Renamed(string folder, string from, string to)
    {
        lock (gate)
        {
            names.Remove((folder, from), out int file);
            names[(folder, to)] = file;
        }
        Add(new DiskEvent(DiskAction.Rename) { Folder = folder, Name = from, NewName = to });
    }

    public void Deleted(string folder, string name)
    {
        lock (gate)
            names.Remove((folder, name));
        Add(new DiskEvent(DiskAction.Delete) { Folder = folder, Name = name });
    }

    private void AddExisting(string folder, string file)
    {
        string name = System.IO.Path.GetFileName(file);
        byte[] data = File.ReadAllBytes(file);
        names[(folder, name)] = ++files;
        events.Add(new DiskEvent(DiskAction.Create) { Folder = folder, Name = name, File = files });
        events.Add(new DiskEvent(DiskAction.Write) { File = files, Data = data });
        if (durable)
            events.Add(new DiskEvent(DiskAction.Sync) { File = files });
    }
}

using ClawFS.Linux;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Tests.Faults;

/// <summary>
/// A store folder of which everything is recorded call by call, so that <see cref="DiskImage"/> can build what a power loss at any point leaves: journal and segments
/// through <see cref="Folder"/>, claw.db and its WAL through <see cref="SqliteShim"/>. Not the WAL's index (claw.db-shm), which SQLite makes anew.
/// </summary>
internal sealed class RecordingDisk
{
    private readonly Lock gate = new();
    private readonly List<DiskEvent> events = [];
    private readonly Dictionary<(string Folder, string Name), int> names = [];
    private readonly Dictionary<int, long> room = [];
    private readonly string path;
    private readonly Dictionary<int, string> folders = [];
    private readonly Predicate<string> unsynced;
    private int files;
    private int calls;

    /// <summary>Records from the files as they are.</summary>
    /// <param name="path">The store folder.</param>
    /// <param name="unsynced">Which files ("log/0000000000000001", "claw.db-wal") have not reached the disk yet, as after a kill. Default: none.</param>
    public RecordingDisk(string path, Predicate<string>? unsynced = null)
    {
        this.path = path;
        this.unsynced = unsynced ?? (static _ => false);
        foreach (string folder in (string[])["", "log", "seg"])
        {
            foreach (string file in Directory.GetFiles(System.IO.Path.Combine(path, folder)).Where(f => folder.Length > 0 || IsRows(System.IO.Path.GetFileName(f))))
                AddExisting(folder, file);
            if (!this.unsynced(folder + "/"))
                events.Add(new DiskEvent(DiskAction.SyncFolder) { Folder = folder });
        }
        Base = events.Count;
    }

    /// <summary>Events that stand for the files there were at the start.</summary>
    public int Base { get; }

    /// <summary>Asked before each call that changes something; the result is its failure. It may wait: the call is then a slow one.</summary>
    public Func<DiskCall, Errno>? Fault { get; set; }

    /// <summary>Calls made while <see cref="Fault"/> was set.</summary>
    public int Calls => Volatile.Read(ref calls);

    public int Count
    {
        get
        {
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
    public Folder Open(string folder)
    {
        SqliteShim.Add(path, this);
        return new RecordingFolder(this, Folder.Open(folder), "");
    }

    /// <summary>The store is closed.</summary>
    public void Closed() => SqliteShim.Remove(path);

    public void Add(DiskEvent happened)
    {
        lock (gate)
        {
            events.Add(happened);
            if (happened.Action == DiskAction.Write)
                NoteRoom(happened.File, happened.Offset + happened.Data.Length);
        }
    }

    /// <summary>What the test wants this call to fail with.</summary>
    /// <param name="action">What is about to happen.</param>
    /// <param name="file">To which file; 0 for a folder.</param>
    /// <param name="end">Where the write or the allocation would end.</param>
    public Errno NextFault(DiskAction action, int file = 0, long end = 0)
    {
        if (Fault is not { } fault)
            return Errno.Ok;
        bool grows, ofRows;
        lock (gate)
        {
            grows = action == DiskAction.Create || end > room.GetValueOrDefault(file);
            ofRows = folders.TryGetValue(file, out string? folder) && folder.Length == 0;
        }
        return fault(new DiskCall(Interlocked.Increment(ref calls), action, grows, ofRows));
    }

    /// <summary>The disk has given a file space up to here.</summary>
    public void NoteRoom(int file, long end)
    {
        lock (gate)
            room[file] = Math.Max(end, room.GetValueOrDefault(file));
    }

    /// <summary>A file takes no more space than this any longer.</summary>
    public void CutRoom(int file, long end)
    {
        lock (gate)
            room[file] = Math.Min(end, room.GetValueOrDefault(file));
    }

    public int FileOf(string folder, string name)
    {
        lock (gate)
            return names[(folder, name)];
    }

    public void Created(string folder, string name)
    {
        int file;
        lock (gate)
        {
            file = names[(folder, name)] = ++files;
            folders[file] = folder;
        }
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
        folders[files] = folder;
        room[files] = data.Length;
        events.Add(new DiskEvent(DiskAction.Create) { Folder = folder, Name = name, File = files });
        events.Add(new DiskEvent(DiskAction.Write) { File = files, Data = data });
        if (!unsynced(System.IO.Path.Combine(folder, name)))
            events.Add(new DiskEvent(DiskAction.Sync) { File = files });
    }

    private static bool IsRows(string name) => name is SqliteRows.FileName or SqliteRows.FileName + "-wal";
}

/// <summary>A call that is about to change the disk.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Action">What it does.</param>
/// <param name="Grows">Whether it needs space that the disk has not given yet.</param>
/// <param name="OfRows">Whether SQLite makes it.</param>
internal readonly record struct DiskCall(int Number, DiskAction Action, bool Grows, bool OfRows);

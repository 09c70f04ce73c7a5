using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Checks;
using ClawFS.Store.Commit;
using ClawFS.Store.Log;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;
using ClawFS.Store.Segments;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>
/// One open store: claw.db, log/ and seg/ in a folder, under one master key. Opening takes the folder's lock, replays the journal and ends
/// orphans; closing saves everything. All files are open afterwards, so that the process may give up the right to traverse the path.
/// </summary>
public sealed class ClawStore : IDisposable
{
    private readonly Folder folder;
    private readonly RowStore rows;
    private readonly Journal journal;
    private readonly SegmentFiles files;
    private readonly SegmentWriter writer;
    private readonly NameHash names;
    private readonly SecretKey[] keys;
    private readonly StoreOptions options;
    private readonly Lock checking = new();
    private bool closed;

    private ClawStore(string path, SecretKey master, Guid storeId, StoreOptions options, ulong? createWithQuota)
    {
        this.options = options;
        Id = storeId;
        folder = options.OpenFolder(path);
        keys = [master.Derive("claw rows"), master.Derive("claw journal"), master.Derive("claw files"), master.Derive("claw names")];
        try
        {
            if (!options.ReadOnly && !folder.TryLock("lock", out string holder))
            {
                throw new StoreException(Errno.EBUSY, $"{path} is in use by {holder}");
            }
            Guid boot = options.Boot ?? Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id"));
            names = new NameHash(keys[3]);
            files = new SegmentFiles(folder.OpenFolder("seg", create: !options.ReadOnly), storeId, options.ReadOnly);
            if (createWithQuota is { } quota)
            {
                rows = RowStore.Create(folder, path, keys[0], storeId, []);
                State = StoreState.Create(rows, files, names, quota, options.CachedInodes);
            }
            else
            {
                rows = RowStore.Open(folder, path, keys[0], storeId, options.ReadOnly);
                State = StoreState.Open(rows, files, names, options.CachedInodes, options.Report);
            }
            if (options.Anchor is { } anchor)
            {
                anchor.Report = options.Report;
                anchor.Compare(master, storeId, rows.CommitCounter, rows.RootMark);
            }
            if (Anchored == AnchorState.RolledBack)
            {
                options.Report(RollbackLine);
            }
            journal = Journal.Open(folder.OpenFolder("log", create: !options.ReadOnly), keys[1], storeId, boot, options.ReadOnly);
            writer = new SegmentWriter(files, State.NewRowId);
            Content = new Content(storeId, keys[2], files, writer, State.Segments);
            Space = new Space(folder, State, options.ReadOnly);
            Checkpoints = new Checkpointer(State, Gate, rows, journal, writer, files, options.Report) { Anchor = options.Anchor };
            Pace = new WritePace(State, Checkpoints, options.MostExcess);
            Cleaner = new Cleaner(this, options.CleaningSlack);
            Tree = new StoredTree(this, options.Events);
            Purger = new Purger(Tree.TryEnd, options.Report);
            Scrubber = new Scrubber(this, options, PublishDamage);
            State.Cache.Adopt(options.References ?? new Dictionary<ulong, ulong>());
            Recover(boot, createWithQuota is not null);
            Syncs = new SyncQueue(writer, journal, options.Report);
        }
        catch
        {
            Syncs?.Dispose();
            rows?.Dispose();
            journal?.Dispose();
            writer?.Dispose();
            files?.Dispose();
            names?.Dispose();
            Array.ForEach(keys, static k => k.Dispose());
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The store's id, the same in every file of it.</summary>
    public Guid Id { get; }

    /// <summary>The nodes.</summary>
    public StoredTree Tree { get; }

    /// <summary>Whether nothing may be written.</summary>
    public bool ReadOnly => options.ReadOnly;

    /// <summary>Whether the store is older than it has been.</summary>
    public AnchorState Anchored => options.Anchor?.State ?? AnchorState.None;

    /// <summary>What a rollback looks like, for people.</summary>
    public string RollbackLine => $"the store is older than it has been (commit {options.Anchor?.Commits.Store}, its anchor knows {options.Anchor?.Commits.Anchor}): "
        + "an older copy was put back; claw fsck --accept-rollback if that was you";

    /// <summary>How far the journal was applied at open, as a line for people; null if the store had been closed cleanly.</summary>
    public string? Recovery { get; private set; }

    internal StoreState State { get; }
    internal ChangeGate Gate { get; } = new();
    internal Content Content { get; }
    internal Space Space { get; }
    internal SyncQueue Syncs { get; }
    internal Checkpointer Checkpoints { get; }
    internal Cleaner Cleaner { get; }
    internal WritePace Pace { get; }
    internal Purger Purger { get; }
    internal AppliedRequests Applied { get; } = new();
    internal Scrubber Scrubber { get; }
    internal RowStore Rows => rows;
    internal SegmentFiles Files => files;
    internal ulong ActiveSegment => writer.ActiveId;

    /// <summary>Makes an empty store in an existing folder that already holds the key slots.</summary>
    /// <param name="path">The store folder.</param>
    /// <param name="master">The master key.</param>
    /// <param name="storeId">The id in the key slots.</param>
    /// <param name="quota">Most bytes it may hold, 0 = no limit.</param>
    /// <param name="anchor">Takes where the store begins.</param>
    /// <exception cref="StoreException">EEXIST, EBUSY, ENOSPC ...</exception>
    public static void Create(string path, SecretKey master, Guid storeId, ulong quota = 0, Anchor? anchor = null)
    {
        using var store = new ClawStore(path, master, storeId, new StoreOptions { Anchor = anchor }, quota);
        store.Close();
    }

    /// <summary>Opens a store.</summary>
    /// <exception cref="StoreException">EBUSY with the holder, EIO for damage, EOPNOTSUPP for a newer format.</exception>
    public static ClawStore Open(string path, SecretKey master, Guid storeId, StoreOptions? options = null) =>
        new(path, master, storeId, options ?? new StoreOptions(), null);

    /// <summary>What the store holds and has done, for sys/ and statistics.</summary>
    public StoreStatistics Statistics => new(State.UsedBytes, State.Quota, State.InodeCount, State.Segments.LiveBytes, State.Segments.Count,
        journal.Bytes, State.Dirty.Count, State.Cache.Count, State.Cache.Known, Checkpoints.Completed, Space.AvailableBytes)
    {
        Scrub = Scrubber.Status,
        WritesHeldBack = Pace.HeldBack,
    };

    /// <summary>Sets the quota in bytes, 0 = no limit. Durable with the next commit.</summary>
    public void SetQuota(ulong bytes)
    {
        Space.RequireWritable();
        using var pass = Gate.Enter();
        var record = new SpanWriter(16);
        record.U64(0);
        record.U64(bytes);
        Append(ChangeKind.Quota, record, reclaiming: true);
        State.ApplyQuota(bytes);
    }

    /// <summary>Goes on with a store that is older than its anchor: the owner has restored it.</summary>
    public void AcceptRollback()
    {
        Space.RequireWritable();
        Commit();
        options.Anchor?.Accept(rows.CommitCounter, rows.RootMark);
    }

    /// <summary>Does a whole background check now, on this thread and without rests. What it finds is reported and published, and counted in the result.</summary>
    /// <exception cref="OperationCanceledException">As asked, or the store closes.</exception>
    public ScrubStatus ScrubNow(CancellationToken cancel = default) => Scrubber.RunNow(cancel);

    /// <summary>
    /// Makes a commit that a copy can be taken of, and keeps what it names on the disk until <paramref name="whileHeld"/> returns; changes and commits go on. No check
    /// runs meanwhile.
    /// </summary>
    /// <param name="whileHeld">Gets the segments that will never change again.</param>
    public void HoldForBackup(Action<IReadOnlyCollection<ulong>> whileHeld)
    {
        using Lock.Scope turn = TakeCheck();
        writer.EndSegment();
        Checkpoints.HoldSpace(true);
        try
        {
            Commit();
            ulong active = writer.ActiveId;
            whileHeld([.. files.List().Where(id => id != active)]);
        }
        finally
        {
            Checkpoints.HoldSpace(false);
        }
    }

    /// <summary>What the kernel holds references to, with counts: for the store that is opened under the same mount after this one was closed.</summary>
    public Dictionary<ulong, ulong> References() => State.Cache.References();

    /// <summary>Makes everything answered so far durable and brings it into the rows.</summary>
    public void Commit() => Checkpoints.Run();

    /// <summary>Saves everything and closes; operations that come later get ENOKEY. Further calls do nothing.</summary>
    public void Close()
    {
        if (closed)
        {
            return;
        }
        closed = true;
        Scrubber.Dispose();
        Cleaner.Dispose();
        Purger.Dispose();
        State.Cache.Close();
        Checkpoints.Dispose();
        Syncs.Dispose();
        try
        {
            if (!ReadOnly)
            {
                Checkpoints.Run();
                options.Anchor?.Advance(rows.CommitCounter, rows.RootMark, now: true);
                journal.DropBefore(journal.NextSequence);
                rows.Close();
            }
        }
        finally
        {
            journal.Dispose();
            writer.Dispose();
            files.Dispose();
            rows.Dispose();
            names.Dispose();
            Array.ForEach(keys, static k => k.Dispose());
            folder.Dispose();
        }
    }

    /// <summary>Closes without an exception for a failed last checkpoint: the journal holds what it would have saved.</summary>
    public void Dispose()
    {
        try
        {
            Close();
        }
        catch (StoreException e)
        {
            Report($"the store was closed without its last checkpoint: {e.Message}");
        }
    }

    /// <summary>One check at a time: the other waits.</summary>
    internal Lock.Scope TakeCheck() => checking.EnterScope();

    internal void Append(ChangeKind kind, SpanWriter record, bool reclaiming = false)
    {
        journal.Append((byte)kind, record.Written, reclaiming: reclaiming);
        Checkpoints.Poke();
    }

    internal void Report(string message) => options.Report(message);

    /// <summary>Whether the anchor is still as it was written: a line for people if not. A rollback that shows in it is in <see cref="Anchored"/> afterwards.</summary>
    internal string? RecheckAnchor() => ReadOnly ? null : options.Anchor?.Recheck();

    private void PublishDamage(FsckProblem problem) => options.Events.Publish(new FsEvent
    {
        Kind = FsEventKind.Damage,
        Time = Timestamp.Now,
        Node = problem.Code is FsckCode.BlockDamaged or FsckCode.InodeDamaged ? problem.Object : 0,
        Name = System.Text.Encoding.UTF8.GetBytes(problem.ToString()),
    });

    /// <summary>
    /// A kill can leave a segment that nothing names any more, or nothing named yet. Where the journal or the table have lost something, such a file may be all that is left of
    /// it and stays for whoever looks into it.
    /// </summary>
    private void DropUnknownSegments(bool keep)
    {
        foreach (ulong id in files.List())
        {
            if (!keep && !State.Segments.Knows(id))
            {
                files.Delete(id);
            }
        }
    }

    private void Recover(Guid boot, bool fresh)
    {
        ulong applied = fresh ? 0 : StoreHead.Decode(rows.Head).AppliedSequence;
        ulong next = applied + 1;
        bool incomplete = false;
        if (options.LiveMount)
        {
            Applied.Collect(journal);
        }
        if (!fresh)
        {
            var replay = new Replay(State, Content);
            next = replay.Run(journal, next, boot);
            if (replay.Applied > 0 || replay.Stopped is not null)
            {
                Recovery = $"{replay.Applied} changes were brought over from the journal" + (replay.Stopped is null ? "" : "; " + replay.Stopped);
            }
            if (replay.Stopped is not null)
            {
                Report(replay.Stopped);
            }
            if (replay.Skipped > 0)
            {
                Report($"{replay.Skipped} changes of the journal meet damage and are lost; run fsck --repair. The first: {replay.FirstSkipped}");
            }
            incomplete = replay.Damaged || replay.Skipped > 0;
            if (!ReadOnly)
            {
                files.Sync(replay.NamedSegments);
            }
        }
        if (ReadOnly)
        {
            Scrubber.Start();
            return;
        }
        // A segment that was made just before a crash, before anything named it, still has its name on the disk.
        foreach (ulong id in files.List())
        {
            State.ReserveThrough(id);
        }
        if (fresh || journal.HoldsBefore(next))
        {
            // Also where no row changes: the journal that is dropped below must be in the rows by number, and a commit that a kill took between its
            // writing and its sync is durable only when another one has synced SQLite's WAL.
            Checkpoints.Run(appliedBeforeStart: next - 1);
        }
        journal.Start(next);
        DropUnknownSegments(keep: incomplete || State.Damaged);
        if (options.LiveMount)
        {
            journal.Retire(next);
            State.Cache.Inherit(State.NextId);
        }
        else
        {
            journal.DropBefore(next);
            PurgeOrphans();
        }
        // A full disk gets the retired files back, too.
        Space.Reclaim = () =>
        {
            Checkpoints.Run();
            Checkpoints.Run();
        };
        Space.EndOrphans = Purger.Drain;
        Checkpoints.Committed = () =>
        {
            Pace.Committed();
            Cleaner.Wake();
        };
        Checkpoints.Quiet = options.Quiet;
        Cleaner.Start();
        Purger.Start();
        Checkpoints.Start();
        Scrubber.Start();
    }

    /// <summary>Nobody can hold a node of an earlier mount.</summary>
    private void PurgeOrphans()
    {
        foreach (ulong orphan in State.Orphans.Members())
        {
            try
            {
                Tree.PurgeIfUnused(orphan);
            }
            catch (StoreException e)
            {
                // Damage in what nobody can reach must not keep the store from opening; fsck sees to it.
                Report(e.Message);
            }
        }
    }
}

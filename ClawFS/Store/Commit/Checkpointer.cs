using ClawFS.Store.Log;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Commit;

/// <summary>
/// Brings what the journal holds into the rows, so that the journal stays short and a store opens fast. The freeze is brief (a new journal
/// file, a new generation); saving, sealing and the SQLite commit go on beside the next changes. A checkpoint that fails leaves its rows in memory
/// and its journal on disk, and the next one takes both along.
/// </summary>
internal sealed class Checkpointer : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private const long JournalLimit = 48 << 20;
    private const int DirtyLimit = 20_000;
    /// <summary>Dead bytes in segments that wait for a commit to give their disk space back: large files that are written over fill the disk with few changes.</summary>
    private const long DeadLimit = 64 << 20;
    /// <summary>An interval that saves fewer objects is quiet.</summary>
    private const int QuietObjects = 100;
    /// <summary>Objects whose saving leaves memory behind that is worth giving back.</summary>
    private const int BusyObjects = 2000;
    /// <summary>Pages of a map (16 MiB) above which a checkpoint lets go of them: a file or folder in use stays in memory, and its size knows no bound.</summary>
    private const int LargeMap = 4096;

    private readonly StoreState state;
    private readonly ChangeGate gate;
    private readonly RowStore rows;
    private readonly Journal journal;
    private readonly SegmentWriter writer;
    private readonly SegmentFiles files;
    private readonly Action<string> report;
    private readonly Lock running = new();
    private readonly SemaphoreSlim wake = new(0);
    private readonly RowBatch batch = new();
    private readonly SpanWriter head = new(128);
    private readonly List<DeadRange> dead = [];
    private readonly HashSet<ulong> purged = [];
    private Thread? thread;
    private volatile bool stopping;
    private int requested;
    private long savedObjects;
    private volatile bool holdSpace;

    public Checkpointer(StoreState state, ChangeGate gate, RowStore rows, Journal journal, SegmentWriter writer, SegmentFiles files, Action<string> report)
    {
        this.state = state;
        this.gate = gate;
        this.rows = rows;
        this.journal = journal;
        this.writer = writer;
        this.files = files;
        this.report = report;
    }

    /// <summary>Told each commit; null without one.</summary>
    public Anchor? Anchor { get; init; }

    /// <summary>Checkpoints that have committed since the store was opened.</summary>
    public long Completed { get; private set; }

    /// <summary>Whether so much has gathered that a checkpoint is to begin at once.</summary>
    public bool IsRequested => Volatile.Read(ref requested) == 1;

    /// <summary>Called on the thread of each checkpoint when it has committed; must not wait.</summary>
    public Action? Committed { get; set; }

    /// <summary>Called on the thread of the checkpoints once little changes any more after much has.</summary>
    public Action? Quiet { get; set; }

    /// <summary>Starts checkpoints in the background: every few seconds while something is dirty, sooner when much is.</summary>
    public void Start()
    {
        thread = new Thread(Loop) { IsBackground = true, Name = "claw checkpoint" };
        thread.Start();
    }

    /// <summary>Called after each change: asks for a checkpoint when much has gathered.</summary>
    public void Poke()
    {
        if (state.Dirty.Count > DirtyLimit || journal.Bytes > JournalLimit || state.Segments.DeadBytes > DeadLimit)
        {
            Request();
        }
    }

    /// <summary>Asks for a checkpoint soon.</summary>
    public void Request()
    {
        if (Interlocked.Exchange(ref requested, 1) == 0)
        {
            wake.Release();
        }
    }

    /// <summary>Keeps checkpoints away until disposed: the rows stay those of the last commit. Changes go on.</summary>
    public Lock.Scope Pause() => running.EnterScope();

    /// <summary>Keeps the disk space of dead blocks, or lets the next checkpoint give it back, so that fsck can read what a past commit names.</summary>
    public void HoldSpace(bool hold) => holdSpace = hold;

    /// <summary>Whether dead blocks keep their space now: the cleaner, whose copies need some, waits.</summary>
    public bool HoldsSpace => holdSpace;

    /// <summary>Whether a segment has left the rows and its file is still there, because space is held.</summary>
    public bool KeepsFile(ulong segment)
    {
        lock (running)
        {
            return purged.Contains(segment);
        }
    }

    /// <summary>
    /// Does something to the whole store while no change passes, between two checkpoints: before it, memory and rows are the same; what it changes is committed
    /// at once.
    /// </summary>
    public void Alone(Action work)
    {
        lock (running)
        {
            using ChangeGate.Freeze freeze = gate.EnterAlone();
            Save(FreezeNow(null), dropJournal: true);
            work();
            Save(FreezeNow(null), dropJournal: true);
        }
    }

    /// <summary>Runs one checkpoint on this thread. Throws <see cref="StoreException"/>; everything is then as before and can be tried again.</summary>
    /// <param name="appliedBeforeStart">At open, before the journal is started: the last sequence that replay applied.</param>
    public void Run(ulong? appliedBeforeStart = null)
    {
        lock (running)
        {
            if (appliedBeforeStart is null)
            {
                // What is synced here need not be synced while everybody waits.
                journal.Sync();
            }
            Frozen frozen;
            using (gate.EnterAlone())
            {
                frozen = FreezeNow(appliedBeforeStart);
            }
            Save(frozen, dropJournal: appliedBeforeStart is null);
        }
    }

    /// <summary>Starts a checkpoint. Preconditions: <see cref="running"/>, and the gate is held alone.</summary>
    private Frozen FreezeNow(ulong? appliedBeforeStart)
    {
        Interlocked.Exchange(ref requested, 0);
        ulong first = appliedBeforeStart is { } applied ? applied + 1 : journal.Rotate();
        foreach (ulong id in state.Segments.Purge(writer.ActiveId))
        {
            purged.Add(id);
        }
        dead.AddRange(state.Segments.TakeDead());
        return new(state.Dirty.Freeze(batch, out long generation), generation, first, state.InodeCount);
    }

    /// <summary>Saves and commits what was frozen. Precondition: <see cref="running"/>.</summary>
    private void Save(in Frozen frozen, bool dropJournal)
    {
        foreach (StoredObject item in frozen.Items)
        {
            state.Dirty.Save(item, frozen.Generation);
        }
        state.Dirty.Thaw();
        writer.SyncDirty();
        head.Reset();
        state.Head(frozen.First - 1, frozen.Inodes).Encode(head);
        rows.Commit(batch, head.Written);
        batch.Clear();
        Interlocked.Add(ref savedObjects, frozen.Items.Count);
        state.Committed(frozen.Generation);
        Completed++;
        Anchor?.Advance(rows.CommitCounter, rows.RootMark, now: false);
        if (dropJournal)
        {
            journal.Retire(frozen.First);
        }
        foreach (StoredObject item in frozen.Items)
        {
            Settle(item, frozen.Generation);
        }
        if (!holdSpace)
        {
            ReleaseSpace();
        }
        Committed?.Invoke();
    }

    /// <summary>
    /// Takes out of memory what the commit has made superfluous there. Not what has changed since: an inode that was purged after the freeze is still in the
    /// table, and dropped now it would come back from there.
    /// </summary>
    private void Settle(StoredObject item, long generation)
    {
        lock (item)
        {
            if (item is Inode { Map.PageCount: > LargeMap } large)
            {
                // Also while it changes: a page that is clean was saved by this checkpoint or an earlier one.
                large.Map.TrimClean();
            }
            if (item.DirtyGeneration != 0 || item.SavedGeneration != generation)
            {
                return;
            }
            if (item is Inode { Purged: true })
            {
                state.Cache.Drop(item.Id);
            }
            else if (item is SegmentRecord segment && segment.Id != writer.ActiveId)
            {
                // Only the cleaner looks into it again; kept, the runs of a terabyte of small writes would fill the memory.
                segment.Map.TrimClean();
            }
        }
    }

    private void ReleaseSpace()
    {
        foreach (ulong id in purged)
        {
            files.Delete(id);
        }
        DeadRange.Release(dead, files, purged);
        dead.Clear();
        purged.Clear();
        state.Segments.Left();
    }

    public void Dispose()
    {
        stopping = true;
        wake.Release();
        thread?.Join();
        wake.Dispose();
    }

    private readonly record struct Frozen(List<StoredObject> Items, long Generation, ulong First, long Inodes);

    private void Loop()
    {
        long before = 0;
        long quietFrom = 0;
        while (!stopping)
        {
            bool asked = wake.Wait(Interval);
            if (stopping)
            {
                return;
            }
            if (state.Dirty.Count > 0 || batch.Count > 0)
            {
                TryRun();
            }
            long saved = Interlocked.Read(ref savedObjects);
            if (!asked && saved - before < QuietObjects && saved - quietFrom >= BusyObjects)
            {
                quietFrom = saved;
                Quiet?.Invoke();
            }
            before = saved;
        }
    }

    private void TryRun()
    {
        try
        {
            Run();
        }
        catch (StoreException e)
        {
            report($"checkpoint failed and will be tried again: {e.Message}");
        }
    }
}

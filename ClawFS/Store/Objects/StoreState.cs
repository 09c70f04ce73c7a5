using ClawFS.Crypto;
using ClawFS.Linux;
using ClawFS.Store.Commit;
using ClawFS.Store.Maps;
using ClawFS.Store.Rows;
using ClawFS.Store.Segments;

namespace ClawFS.Store.Objects;

/// <summary>
/// Everything a store is between its rows and its operations: the inodes in memory, the sets, the segments, the counters. Changes come in through the Apply
/// methods only, live and at replay alike; see StoreState.Apply.cs.
/// </summary>
internal sealed partial class StoreState : IPageSource
{
    [ThreadStatic]
    private static byte[]? rowBuffer;

    private readonly RowStore rows;
    private ulong nextId;
    private ulong quota;
    private long inodes;
    private long committedGeneration;

    private StoreState(RowStore rows, SegmentFiles files, NameHash names, StoreHead head, int cacheCapacity, StoredSet? orphans, StoredSet? segments)
    {
        this.rows = rows;
        Names = names;
        nextId = head.NextId;
        quota = head.Quota;
        inodes = head.Inodes;
        Orphans = orphans ?? new StoredSet(StoreHead.Orphans, this);
        SegmentIds = segments ?? new StoredSet(StoreHead.Segments, this);
        Cache = new ObjectCache(cacheCapacity, ReadInode, ReadInodes, () => Volatile.Read(ref committedGeneration));
        Segments = new SegmentTable(Dirty, files, SegmentIds, this);
    }

    public ObjectCache Cache { get; }
    public DirtyList Dirty { get; } = new();
    public NameHash Names { get; }
    /// <summary>Inodes without a name. Its monitor is its lock.</summary>
    public StoredSet Orphans { get; private set; }
    public StoredSet SegmentIds { get; private set; }
    public SegmentTable Segments { get; private set; }

    /// <summary>Every inode and row so far has a lower id.</summary>
    public ulong NextId => Volatile.Read(ref nextId);

    public ulong Quota => Volatile.Read(ref quota);
    public long InodeCount => Interlocked.Read(ref inodes);

    /// <summary>Bytes the quota counts: sealed content and 512 for each inode's row and name.</summary>
    public ulong UsedBytes => (ulong)(Segments.LiveBytes + InodeCount * 512);

    /// <summary>Makes the first folders of a store that has none.</summary>
    public static StoreState Create(RowStore rows, SegmentFiles files, NameHash names, ulong quota, int cacheCapacity)
    {
        var state = new StoreState(rows, files, names, new StoreHead(0, StoreHead.FirstFree, quota, 0), cacheCapacity, null, null);
        state.Dirty.Touch(state.Orphans);
        state.Dirty.Touch(state.SegmentIds);
        foreach (ulong id in (ReadOnlySpan<ulong>)[StoreHead.RootFolder, StoreHead.HiddenFolder])
        {
            Vfs.Timestamp now = Vfs.Timestamp.Now;
            var folder = new Inode(id, state) { Mode = Vfs.FileMode.Directory | 0x1ED, Nlink = 2, Parent = id, Atime = now, Mtime = now, Ctime = now, Btime = now };
            state.Dirty.Touch(folder);
            state.Cache.Add(folder).Dispose();
            state.inodes++;
        }
        return state;
    }

    /// <summary>Whether a set or a segment record could not be read at open: nothing may then be deleted for not being in it.</summary>
    public bool Damaged { get; private set; }

    /// <summary>
    /// Opens the state that the rows hold. A damaged set or segment record is reported and rebuilt or left out: what depends on it is EIO, the rest works.
    /// </summary>
    public static StoreState Open(RowStore rows, SegmentFiles files, NameHash names, int cacheCapacity, Action<string> report)
    {
        StoreHead head = StoreHead.Decode(rows.Head);
        var state = new StoreState(rows, files, names, head, cacheCapacity, null, null);
        state.Orphans = state.OpenSet(StoreHead.Orphans, static () => [], report);
        state.SegmentIds = state.OpenSet(StoreHead.Segments, state.FindSegments, report);
        state.Segments = new SegmentTable(state.Dirty, files, state.SegmentIds, state);
        foreach (ulong id in state.SegmentIds.Members())
        {
            try
            {
                state.Segments.Adopt(SegmentRecord.Parse(id, state.ReadRow(id, RowKind.Segment), state));
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                state.Damaged = true;
                report($"the record of segment {id:x} is damaged: {e.Message}");
            }
        }
        return state;
    }

    private StoredSet OpenSet(ulong id, Func<List<ulong>> rebuild, Action<string> report)
    {
        try
        {
            var set = StoredSet.Parse(id, ReadRow(id, RowKind.System), this);
            set.Members();
            return set;
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            Damaged = true;
            report($"set {id} is damaged and made anew: {e.Message}");
        }
        var fresh = new StoredSet(id, this);
        Dirty.Touch(fresh);
        rebuild().ForEach(fresh.Add);
        return fresh;
    }

    /// <summary>The segments by the kind of their rows: slow, for a store whose set of segments is damaged.</summary>
    private List<ulong> FindSegments()
    {
        byte[] buffer = [];
        var found = new List<ulong>();
        foreach (ulong id in rows.Ids(static _ => { }))
        {
            try
            {
                if (rows.CheckRow(id, ref buffer, out _) == RowKind.Segment)
                {
                    found.Add(id);
                }
            }
            catch (StoreException e) when (e.Error == Errno.EIO)
            {
                // A damaged row is no reason to lose the others; whoever needs it is told.
                continue;
            }
        }
        return found;
    }

    /// <summary>Repair: the number of inodes as counted. Precondition: the gate is held alone.</summary>
    public void SetInodeCount(long count) => Interlocked.Exchange(ref inodes, count);

    /// <summary>What the next commit's root row says.</summary>
    public StoreHead Head(ulong appliedSequence, long inodeCount) => new(appliedSequence, Volatile.Read(ref nextId), Quota, inodeCount);

    /// <summary>A checkpoint's rows are in the table; its objects may be dropped from memory.</summary>
    public void Committed(long generation) => Volatile.Write(ref committedGeneration, generation);

    /// <inheritdoc/>
    public ulong NewRowId() => Interlocked.Increment(ref nextId) - 1;

    /// <summary>Makes sure that no new id collides with one that a journal record names.</summary>
    public void ReserveThrough(ulong id)
    {
        if (id >= nextId)
        {
            nextId = id + 1;
        }
    }

    /// <inheritdoc/>
    public MapPage ReadPage(ulong rowId) =>
        MapPage.TryParse(rowId, ReadRow(rowId, RowKind.TreeLeaf), out MapPage page)
            ? page
            : throw new StoreException(Errno.EIO, $"page {rowId} is malformed");

    /// <inheritdoc/>
    public byte[] ReadIndex(ulong rowId) => ReadRow(rowId, RowKind.TreeIndex).ToArray();

    private Inode? ReadInode(ulong id)
    {
        byte[] buffer = rowBuffer ??= new byte[8192];
        bool found = rows.Read(id, RowKind.Inode, ref buffer, out int length);
        rowBuffer = buffer;
        return found ? Inode.Parse(id, buffer.AsSpan(0, length), this) : null;
    }

    /// <summary>Whether the table has a row of this id.</summary>
    public bool HasRow(ulong id) => rows.Holds(id);

    private void ReadInodes(ulong first, uint wanted, List<Inode> into)
    {
        byte[] buffer = rowBuffer ??= new byte[8192];
        using RowGroup group = rows.ReadGroup(first, RowKind.Inode);
        while (group.Next(wanted, ref buffer, out ulong id, out int length))
        {
            into.Add(Inode.Parse(id, buffer.AsSpan(0, length), this));
        }
        rowBuffer = buffer;
    }

    private ReadOnlySpan<byte> ReadRow(ulong id, RowKind kind)
    {
        byte[] buffer = rowBuffer ??= new byte[8192];
        bool found = rows.Read(id, kind, ref buffer, out int length);
        rowBuffer = buffer;
        return found ? buffer.AsSpan(0, length) : throw new StoreException(Errno.EIO, $"row {id} is missing");
    }
}

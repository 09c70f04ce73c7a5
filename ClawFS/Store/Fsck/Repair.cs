using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store.Checks;

/// <summary>
/// Mends what a scan found, in memory; the checkpoint that follows commits all of it or nothing. Precondition: everything here runs in
/// <see cref="Commit.Checkpointer.Alone"/>, on a scan of the very commit. Structure first: counts and rows without an owner are only touched when a scan finds
/// nothing else any more, because structure changes them.
/// </summary>
internal sealed partial class Repair(ClawStore store, Scan scan, ulong lostAndFound)
{
    private readonly StoreState state = store.State;

    /// <summary>What was done, a line each.</summary>
    public List<string> Done { get; } = [];

    /// <summary>Nodes that are not what they were.</summary>
    public HashSet<ulong> Changed { get; } = [];

    public void Run()
    {
        RescueNodes();
        RescueRows();
        MendMaps();
        MendEntries();
        BreakCycles();
        MendOrphans();
        CutExtents();
        AdoptLost();
        if (Done.Count == 0 && !scan.Problems.Exists(static p => p.Code == FsckCode.InodeLost))
        {
            MendCounts();
            MendSegments();
            DropRows();
        }
    }

    private void RescueNodes()
    {
        if (scan.DamagedNodes.Count > 0)
        {
            store.Rows.RewriteNodes(scan.DamagedNodes);
            Note($"{scan.DamagedNodes.Count} nodes of the freshness tree were written again");
        }
    }

    /// <summary>Objects that are in memory are written again; a lost root folder is made anew; what remains of an unreadable inode goes.</summary>
    private void RescueRows()
    {
        foreach (ulong id in scan.DamagedRows)
        {
            if (id is StoreHead.Orphans or StoreHead.Segments)
            {
                StoredSet set = id == StoreHead.Orphans ? state.Orphans : state.SegmentIds;
                Touch(set);
                Note($"set {id} was written again");
            }
            else if (state.Cache.TryPinLoaded(id, out InodeLease lease))
            {
                using (lease)
                {
                    Touch(lease.Inode);
                }
                Note($"inode {id} was in memory and was written again", id);
            }
            else if (id is StoreHead.RootFolder or StoreHead.HiddenFolder)
            {
                Timestamp now = Timestamp.Now;
                var folder = new Inode(id, state)
                {
                    Mode = FileMode.Directory | 0x1ED, Nlink = 2, Parent = id, Atime = now, Mtime = now, Ctime = now, Btime = now,
                };
                state.Dirty.Touch(folder);
                state.Cache.Add(folder).Dispose();
                Note($"folder {id} was made anew", id);
            }
        }
    }

    private void MendMaps()
    {
        foreach (ulong id in scan.DamagedMaps)
        {
            if (scan.Segments.ContainsKey(id))
            {
                state.Segments.Rebuild(id, scan.Segments[id].Live, [.. ExtentsIn(id)]);
                Note($"segment {id:x}: the list of its blocks was made anew");
                continue;
            }
            if (id is StoreHead.Orphans or StoreHead.Segments)
            {
                StoredSet set = id == StoreHead.Orphans ? state.Orphans : state.SegmentIds;
                Mend(set, set.Map, $"set {id}");
                continue;
            }
            using InodeLease lease = state.Cache.Pin(id);
            Mend(lease.Inode, lease.Inode.Map, lease.Inode.IsDirectory ? $"folder {id}" : $"file {id}");
        }
    }

    private void Mend(StoredObject owner, PagedMap map, string name)
    {
        lock (owner)
        {
            state.Dirty.Touch(owner);
            foreach ((ulong from, ulong to) in map.Mend(scan.DamagedRows))
            {
                Note($"{name}: what stood from {from:x} to {to:x} is lost and was given up", owner.Id);
            }
        }
        Note($"{name}: its pages were written again", owner.Id);
    }

    private void MendOrphans()
    {
        foreach (ulong id in scan.Orphans.Where(id => !scan.Nodes.TryGetValue(id, out ScanNode? node) || node.Names > 0))
        {
            SetOrphan(id, false);
            Note($"inode {id} is no longer listed as nameless");
        }
    }

    private void DropRows()
    {
        foreach (ulong row in scan.UnownedRows.Concat(scan.DamagedRows.Where(r => !state.Segments.Knows(r))))
        {
            state.Dirty.Touch(new DeadRow(row));
            Note($"row {row} was removed");
        }
        if (scan.StrayRows.Count > 0)
        {
            store.Rows.DeleteStrays(scan.StrayRows);
            Note($"{scan.StrayRows.Count} stray rows were removed from claw.db");
        }
    }

    private void SetOrphan(ulong id, bool orphan)
    {
        lock (state.Orphans)
        {
            state.Dirty.Touch(state.Orphans);
            if (orphan)
            {
                state.Orphans.Add(id);
            }
            else
            {
                state.Orphans.Remove(id);
            }
        }
    }

    private void Touch(StoredObject item)
    {
        lock (item)
        {
            state.Dirty.Touch(item);
        }
    }

    private IEnumerable<(ulong Inode, Extent Extent)> ExtentsIn(ulong segment) =>
        scan.Extents.Where(e => e.Extent.Segment == segment).Select(static e => (e.Inode, e.Extent));

    private void Note(string line, ulong changed = 0)
    {
        Done.Add(line);
        if (changed != 0)
        {
            Changed.Add(changed);
        }
    }

    /// <summary>Runs one mending step on an inode; what cannot be loaded stays as it is and the next scan names it again.</summary>
    private void With(ulong id, Action<Inode> step)
    {
        try
        {
            using InodeLease lease = state.Cache.Pin(id);
            lock (lease.Inode)
            {
                state.Dirty.Touch(lease.Inode);
                step(lease.Inode);
            }
        }
        catch (StoreException e) when (e.Error is Errno.EIO or Errno.ENOENT)
        {
            store.Report($"repair passed over inode {id}: {e.Message}");
        }
    }
}

using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Checks;

/// <summary>
/// First stage: opens every row of the commit, takes inodes, sets and segment records apart, and notes who owns which page. Precondition: no commit passes meanwhile.
/// </summary>
internal sealed class RowScan(ClawStore store, Scan scan, ProgressMeter meter, CancellationToken cancel)
{
    private readonly RowStore rows = store.Rows;
    private readonly Dictionary<ulong, ulong> owners = [];
    private readonly List<ulong> pages = [];
    private readonly HashSet<ulong> segmentIds = [];
    private byte[] buffer = new byte[8192];
    private readonly RowPages source = new(store.Rows);

    public void Run()
    {
        string file = rows.CheckFile();
        if (file != "ok")
        {
            scan.Add(FsckCode.DatabaseFile, 0, $"claw.db: {file}");
        }
        List<ulong> ids = [.. rows.Ids(e => scan.Add(FsckCode.FreshnessTree, 0,
            $"{e.Message}: it tells the age of 512 rows or more, which cannot be trusted without it; fsck does not mend this: take the store from a backup (claw restore)"))];
        meter.Start("rows", ids.Count);
        var nodes = new NodeCheck(rows, (id, e) =>
        {
            scan.DamagedNodes.Add(id);
            scan.Add(FsckCode.FreshnessNode, id, $"{e.Message}, a part of the freshness tree that is still in memory: claw fsck --repair writes it again while this store stays open");
        });
        foreach (ulong id in ids)
        {
            cancel.ThrowIfCancellationRequested();
            nodes.Above(id);
            Row(id);
            meter.Add(1);
        }
        scan.Rows = ids.Count;
        if (rows.Count != ids.Count)
        {
            scan.Add(FsckCode.RowCount, 0, $"the root row counts {rows.Count} rows, the freshness tree holds {ids.Count}");
        }
        Unowned();
        CheckHead(ids.Count == 0 ? 0 : ids[^1]);
        // With a part of the freshness tree missing, its rows would look like strays, and they may be all that is left.
        foreach (ulong id in scan.Problems.Exists(static p => p.Code == FsckCode.FreshnessTree) ? [] : rows.Strays())
        {
            scan.StrayRows.Add(id);
            scan.Add(FsckCode.RowStray, id, $"row {id:x} is in claw.db but not in the freshness tree");
        }
    }

    private void Row(ulong id)
    {
        try
        {
            int length = 0;
            switch (rows.CheckRow(id, ref buffer, out length))
            {
                case RowKind.Inode:
                    Node(id, Inode.Parse(id, buffer.AsSpan(0, length), source));
                    break;
                case RowKind.Segment:
                    Segment(SegmentRecord.Parse(id, buffer.AsSpan(0, length), source));
                    break;
                case RowKind.System when id is StoreHead.Orphans or StoreHead.Segments:
                    Set(StoredSet.Parse(id, buffer.AsSpan(0, length), source));
                    break;
                default:
                    pages.Add(id);
                    break;
            }
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            scan.DamagedRows.Add(id);
        }
    }

    private void Node(ulong id, Inode inode)
    {
        Own(id, inode.Map);
        var node = new ScanNode
        {
            Mode = inode.Mode,
            Nlink = inode.Nlink,
            StoredBlocks = inode.StoredBlocks,
            Parent = inode.Parent,
            NameKey = inode.NameKey,
            Salt = inode.Salt,
            FirstEdge = scan.Edges.Count,
        };
        scan.Nodes.Add(id, node);
        Action<ulong, StoreException> lost = (at, e) =>
        {
            scan.DamagedMaps.Add(id);
            scan.Add(FsckCode.PageDamaged, id, $"inode {id}: {(inode.IsDirectory ? "names" : "extents")} from {at:x} on cannot be read: {e.Message}");
        };
        if (inode.IsDirectory)
        {
            MapWalk.Run(inode.Map, (key, value) => Entry(id, key, value), lost);
            node.EdgeCount = scan.Edges.Count - node.FirstEdge;
        }
        else
        {
            MapWalk.Run(inode.Map, (key, value) => Extent(id, key, value), lost);
        }
    }

    private void Entry(ulong folder, ulong key, ReadOnlySpan<byte> value)
    {
        if (!FolderNames.TryDecode(folder, store.State.Names, key, value, out DirectoryEntry entry, out bool inPlace))
        {
            scan.BadEntries.Add(new ScanEdge(folder, key, 0, 0));
            scan.Add(FsckCode.EntryDangling, folder, $"folder {folder}: the entry at {key:x} is malformed");
            return;
        }
        var edge = new ScanEdge(folder, key, entry.Inode, entry.Type);
        scan.Edges.Add(edge);
        if (!inPlace)
        {
            scan.BadEntries.Add(edge);
            scan.Add(FsckCode.EntryMisplaced, folder, $"folder {folder}: the entry at {key:x} cannot be found by its name");
        }
    }

    private void Extent(ulong inode, ulong key, ReadOnlySpan<byte> value)
    {
        if (Extents.TryDecode(key, value, out Extent extent))
        {
            scan.Extents.Add(new ScanExtent(inode, extent));
            scan.Blocks += extent.Count;
            return;
        }
        scan.BadExtents.Add(new ScanExtent(inode, new Extent(key, 1, 0, 0, 0, 1)));
        scan.Add(FsckCode.ExtentMalformed, inode, $"inode {inode}: the extent at block {key} is malformed");
    }

    private void Segment(SegmentRecord record)
    {
        Own(record.Id, record.Map);
        scan.Segments.Add(record.Id, new ScanSegment { Salt = record.Salt, Live = record.Live });
        MapWalk.Run(record.Map, static (_, _) => { }, (_, e) =>
        {
            scan.DamagedMaps.Add(record.Id);
            scan.Add(FsckCode.SegmentRecord, record.Id, $"segment {record.Id:x}: what the cleaner knows of it cannot be read: {e.Message}");
        });
    }

    private void Set(StoredSet set)
    {
        Own(set.Id, set.Map);
        HashSet<ulong> members = set.Id == StoreHead.Orphans ? scan.Orphans : segmentIds;
        MapWalk.Run(set.Map, (key, _) => members.Add(key), (_, e) =>
        {
            scan.DamagedMaps.Add(set.Id);
            scan.Add(FsckCode.SetDamaged, set.Id, $"set {set.Id}: {e.Message}");
        });
    }

    private void Own(ulong owner, PagedMap map)
    {
        foreach (ulong row in map.OwnedRows())
        {
            if (!owners.TryAdd(row, owner))
            {
                scan.Add(FsckCode.RowOwnedTwice, row, $"row {row} belongs to {owners[row]} and to {owner}");
            }
        }
    }

    private void Unowned()
    {
        foreach (ulong page in pages.Where(p => !owners.ContainsKey(p)))
        {
            scan.UnownedRows.Add(page);
            scan.Add(FsckCode.RowUnowned, page, $"row {page} belongs to nothing");
        }
        foreach (ulong id in scan.Segments.Keys.Where(id => !segmentIds.Contains(id)))
        {
            scan.Add(FsckCode.SegmentRecord, id, $"segment {id:x} is not in the set of segments");
        }
        foreach (ulong id in segmentIds.Where(id => !scan.Segments.ContainsKey(id)))
        {
            scan.Add(FsckCode.SegmentRecord, id, $"the record of segment {id:x} cannot be read");
        }
        HashSet<ulong> named = [.. scan.Edges.Select(static e => e.Child)];
        foreach (ulong row in scan.DamagedRows.Where(r => !owners.ContainsKey(r) && !segmentIds.Contains(r)))
        {
            FsckCode code = row is StoreHead.Orphans or StoreHead.Segments ? FsckCode.SetDamaged
                : row is StoreHead.RootFolder or StoreHead.HiddenFolder || named.Contains(row) ? FsckCode.InodeDamaged
                : FsckCode.RowDamaged;
            scan.Add(code, row, $"row {row} cannot be opened");
        }
    }

    private void CheckHead(ulong last)
    {
        StoreHead head = StoreHead.Decode(rows.Head);
        if (head.Inodes != scan.Nodes.Count)
        {
            scan.Add(FsckCode.InodeCount, 0, $"{head.Inodes} inodes are counted, there are {scan.Nodes.Count}");
        }
        if (head.NextId <= last)
        {
            scan.Add(FsckCode.NextNumber, last, $"the next number is {head.NextId}, but there is a row {last}");
        }
    }
}

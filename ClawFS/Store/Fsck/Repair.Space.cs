using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

internal sealed partial class Repair
{
    /// <summary>
    /// Takes out what cannot be read. The bytes are not given back to the disk here: where two extents name the same place, one of them is right.
    /// </summary>
    private void CutExtents()
    {
        foreach ((ulong id, Extent bad) in scan.BadExtents)
        {
            if (!scan.Nodes.ContainsKey(id))
            {
                continue;
            }
            With(id, inode =>
            {
                if (bad.Segment == 0)
                {
                    inode.Map.Remove(bad.Block);
                }
                else
                {
                    Extents.Cut(inode, bad.Block, bad.End, account: null);
                }
                Note($"file {id}: bytes {bad.Block * Extent.BlockSize} to {bad.End * Extent.BlockSize - 1} cannot be read and are a hole now", id);
            });
        }
    }

    private void MendCounts()
    {
        var blocks = new Dictionary<ulong, ulong>();
        foreach ((ulong id, Extent extent) in scan.Extents)
        {
            blocks[id] = blocks.GetValueOrDefault(id) + extent.Count;
        }
        foreach ((ulong id, ScanNode node) in scan.Nodes)
        {
            // Without a name it is an orphan here: a lost inode would have been given one first.
            uint links = node.Names == 0 && !IsFixed(id) ? 0 : node.IsFolder ? 2 + node.Subfolders : node.Names;
            ulong stored = node.IsFolder ? node.StoredBlocks : blocks.GetValueOrDefault(id);
            if (node.Nlink != links || node.StoredBlocks != stored)
            {
                With(id, inode =>
                {
                    inode.Nlink = links;
                    inode.StoredBlocks = stored;
                    Note($"inode {id}: {links} links, {stored} blocks", id);
                });
            }
        }
        if (scan.Problems.Any(static p => p.Code == FsckCode.InodeCount))
        {
            state.SetInodeCount(scan.Nodes.Count);
            Note($"{scan.Nodes.Count} inodes are counted");
        }
        foreach (FsckProblem problem in scan.Problems.Where(static p => p.Code == FsckCode.NextNumber))
        {
            state.ReserveThrough(problem.Object);
            Note("new rows get numbers that no row has");
        }
    }

    private void MendSegments()
    {
        foreach (FsckProblem problem in scan.Problems.Where(static p => p.Code is FsckCode.SegmentRecord or FsckCode.SegmentLive))
        {
            ulong id = problem.Object;
            long live = scan.Extents.Where(e => e.Extent.Segment == id).Sum(static e => (long)e.Extent.SealedBytes);
            state.Segments.Rebuild(id, live, problem.Code == FsckCode.SegmentRecord ? [.. ExtentsIn(id)] : null);
            Note($"segment {id:x}: its record was made anew with {live} live bytes");
        }
        foreach (ulong id in scan.StraySegments)
        {
            store.Files.Delete(id);
            Note($"segment {id:x}, which the store does not know, was removed");
        }
    }

    private static bool IsFixed(ulong id) => id is StoreHead.RootFolder or StoreHead.HiddenFolder;
}

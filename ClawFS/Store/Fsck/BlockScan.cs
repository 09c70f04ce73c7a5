using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

/// <summary>Last stage: reads and authenticates every block, in the order of the disk. Commits may pass meanwhile, but no space may be given back.</summary>
internal sealed class BlockScan(ClawStore store, Scan scan, ProgressMeter meter, CancellationToken cancel)
{
    private const uint BlocksAtOnce = Content.MaxRequest / Extent.BlockSize;

    public void Run()
    {
        HashSet<ScanExtent> outside = [.. scan.BadExtents];
        meter.Start("blocks", scan.Blocks * Extent.BlockSize >> 20);
        long reported = 0;
        foreach (ScanExtent item in scan.Extents)
        {
            if (!outside.Contains(item) && scan.Nodes.TryGetValue(item.Inode, out ScanNode? node))
            {
                Check(item, node);
            }
            long mebibytes = scan.BlocksChecked * Extent.BlockSize >> 20;
            meter.Add(mebibytes - reported);
            reported = mebibytes;
        }
    }

    private void Check(in ScanExtent item, ScanNode node)
    {
        var inode = new Inode(item.Inode, NoPages.Instance) { Salt = node.Salt };
        ulong salt = scan.Segments[item.Extent.Segment].Salt;
        for (ulong block = item.Extent.Block; block < item.Extent.End; block += BlocksAtOnce)
        {
            cancel.ThrowIfCancellationRequested();
            Extent part = item.Extent.Slice(block, Math.Min(item.Extent.End, block + BlocksAtOnce));
            scan.BlocksChecked += part.Count;
            if (!IsAuthentic(inode, part, salt))
            {
                FindBad(inode, part, salt);
            }
        }
    }

    private void FindBad(Inode inode, in Extent part, ulong salt)
    {
        ulong first = part.End;
        for (ulong block = part.Block; block <= part.End; block++)
        {
            bool bad = block < part.End && !IsAuthentic(inode, part.Slice(block, block + 1), salt);
            if (bad)
            {
                first = Math.Min(first, block);
            }
            else if (first < block)
            {
                scan.BadExtents.Add(new ScanExtent(inode.Id, part.Slice(first, block)));
                scan.Add(FsckCode.BlockDamaged, inode.Id,
                    $"inode {inode.Id}: bytes {first * Extent.BlockSize} to {block * Extent.BlockSize - 1} in segment {part.Segment:x} are not authentic");
                first = part.End;
            }
        }
    }

    private bool IsAuthentic(Inode inode, in Extent extent, ulong salt)
    {
        try
        {
            return store.Content.IsAuthentic(inode, extent, salt == 0 ? null : salt);
        }
        catch (StoreException e) when (e.Error is not Errno.ENOMEM)
        {
            // A refusal of the disk is damage as well: the block cannot be read.
            return false;
        }
    }

    private sealed class NoPages : IPageSource
    {
        public static NoPages Instance { get; } = new();
        public MapPage ReadPage(ulong rowId) => throw new InvalidOperationException("only id and salt are used");
        public byte[] ReadIndex(ulong rowId) => throw new InvalidOperationException("only id and salt are used");
        public ulong NewRowId() => throw new InvalidOperationException("only id and salt are used");
    }
}

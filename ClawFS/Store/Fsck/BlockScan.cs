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
            ExtentCheck.Run(store.Content, inode, part, salt == 0 ? null : salt, run =>
            {
                scan.BadExtents.Add(new ScanExtent(inode.Id, run));
                scan.Problems.Add(ExtentCheck.Problem(inode.Id, run));
            });
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

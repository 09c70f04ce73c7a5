using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Store.Rows;

namespace ClawFS.Store.Checks;

/// <summary>
/// One pass of the background check over the committed state, in small steps beside changes and commits: the root row and the anchor, then each row with the nodes above it,
/// and the blocks of each file. Names, counts and who owns what are fsck's business. What looks wrong beside commits is looked at once more while none can pass, and
/// only then reported. Nothing is mended.
/// </summary>
internal sealed class ScrubPass
{
    private const int RowsAtOnce = 64;
    private const uint BlocksAtOnce = 64;

    private readonly ClawStore store;
    private readonly Action<FsckProblem> found;
    private readonly NodeCheck nodes;
    private readonly RowPages pages;
    private byte[] buffer = new byte[8192];
    private Inode? file;
    private bool begun;

    /// <param name="store">The open store.</param>
    /// <param name="row">Where to go on: 0 for a whole pass.</param>
    /// <param name="block">Where to go on in the file of that row.</param>
    /// <param name="found">Told each problem.</param>
    public ScrubPass(ClawStore store, ulong row, ulong block, Action<FsckProblem> found)
    {
        this.store = store;
        this.found = found;
        Row = row;
        Block = block;
        pages = new RowPages(store.Rows);
        nodes = new NodeCheck(store.Rows, (id, e) => Tell(FsckCode.FreshnessNode, id, e.Message));
    }

    /// <summary>The next row to look at, or the one whose file is being read.</summary>
    public ulong Row { get; private set; }

    /// <summary>The next block of that file.</summary>
    public ulong Block { get; private set; }

    /// <summary>Rows looked at.</summary>
    public long Rows { get; private set; }

    /// <summary>Blocks read.</summary>
    public long Blocks { get; private set; }

    /// <summary>Does the next step: at most 64 rows, or 256 KiB of one file.</summary>
    /// <returns>What it cost, in rows and blocks; 0 at the end of the pass.</returns>
    public int Step()
    {
        if (!begun)
        {
            begun = true;
            CheckStore();
            return 1;
        }
        return file is not null ? StepFile() : StepRows();
    }

    private void CheckStore()
    {
        try
        {
            store.Rows.CheckRoot();
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            Tell(FsckCode.RowDamaged, RowIds.Root, e.Message);
        }
        if (store.RecheckAnchor() is { } changed)
        {
            Tell(FsckCode.AnchorChanged, 0, changed);
        }
        if (store.Anchored == AnchorState.RolledBack)
        {
            Tell(FsckCode.RolledBack, 0, store.RollbackLine);
        }
    }

    private int StepRows()
    {
        int count = 0;
        foreach (ulong id in store.Rows.Ids(e => Tell(FsckCode.FreshnessTree, 0, e.Message), Row).Take(RowsAtOnce))
        {
            count++;
            bool goesOn = id == Row && Block > 0;
            Row = id;
            nodes.Above(id);
            if (OpensFile(id))
            {
                Block = goesOn ? Block : 0;
                break;
            }
            Row = id + 1;
            Block = 0;
        }
        Rows += count;
        return count;
    }

    /// <summary>Checks a row; true if it is a file with blocks, which comes next.</summary>
    private bool OpensFile(ulong id)
    {
        file = null;
        try
        {
            if (store.Rows.CheckRow(id, ref buffer, out int length) != RowKind.Inode)
            {
                return false;
            }
            file = TryParse(id, buffer.AsSpan(0, length)) ?? Confirm(id);
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            Tell(FsckCode.RowDamaged, id, e.Message);
        }
        file = file is { IsRegular: true, StoredBlocks: > 0 } ? file : null;
        return file is not null;
    }

    private Inode? TryParse(ulong id, ReadOnlySpan<byte> row)
    {
        try
        {
            return Inode.Parse(id, row, pages);
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            // Its index has a row of its own, which may be of the next commit already: the caller looks again.
            return null;
        }
    }

    private int StepFile()
    {
        Inode inode = file!;
        try
        {
            if (!Extents.TryFrom(inode, Block, out Extent extent))
            {
                EndFile();
                return 1;
            }
            ulong from = Math.Max(Block, extent.Block);
            Extent part = extent.Slice(from, Math.Min(extent.End, from + BlocksAtOnce));
            inode.Map.TrimClean();
            Block = part.End;
            Blocks += part.Count;
            if (!ExtentCheck.IsAuthentic(store.Content, inode, part, store.State.Segments.SaltIfKnown(part.Segment)))
            {
                Confirm(inode.Id, part.Block, part.End);
            }
            return (int)part.Count;
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            // A page of its map cannot be read: of the next commit, or damaged.
            if (Confirm(inode.Id) is { } again)
            {
                file = again;
            }
            else if (inode.Map.TryNextPage(Block, out ulong next) && next > Block)
            {
                Block = next;
            }
            else
            {
                EndFile();
            }
            return 1;
        }
    }

    private void EndFile()
    {
        file = null;
        Row++;
        Block = 0;
    }

    /// <summary>Checks a part of a file as the last commit has it, while no other one can pass.</summary>
    private void Confirm(ulong id, ulong from, ulong to)
    {
        using Lock.Scope pause = store.Checkpoints.Pause();
        if (Read(id) is not { IsRegular: true } inode)
        {
            file = null;
            return;
        }
        file = inode;
        for (ulong at = from; Extents.TryFrom(inode, at, out Extent extent) && extent.Block < to; at = extent.End)
        {
            Extent part = extent.Slice(Math.Max(from, extent.Block), Math.Min(to, extent.End));
            ExtentCheck.Run(store.Content, inode, part, store.State.Segments.SaltIfKnown(part.Segment), run => found(ExtentCheck.Problem(id, run)));
        }
    }

    /// <summary>Looks at an inode, and at its map where this pass stands, while no commit can pass. Null if it is gone or damaged: then that is told.</summary>
    private Inode? Confirm(ulong id)
    {
        using Lock.Scope pause = store.Checkpoints.Pause();
        try
        {
            Inode? inode = Read(id);
            _ = inode is not null && Extents.TryFrom(inode, Block, out _);
            return inode;
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            Tell(FsckCode.InodeDamaged, id, $"inode {id}: {e.Message}");
            return null;
        }
    }

    /// <summary>An inode as its row says; null if there is none any more, or it is another kind of row. Precondition: no commit passes.</summary>
    private Inode? Read(ulong id) =>
        store.Rows.CheckRow(id, ref buffer, out int length) == RowKind.Inode ? Inode.Parse(id, buffer.AsSpan(0, length), pages) : null;

    private void Tell(FsckCode code, ulong subject, string message) => found(new FsckProblem(code, subject, message));
}

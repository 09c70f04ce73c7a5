using ClawFS.Linux;
using ClawFS.Store.Checks;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>
/// Checks an open store, in use or not: every row and block is authenticated, and names, links, extents, segments and counters must agree. The
/// check looks at one commit, made when it begins; changes go on meanwhile, commits wait only while the rows are read.
/// </summary>
public static class Fsck
{
    private const int MostRounds = 6;
    private const string LostFolder = "lost+found", Top = "memory";

    /// <summary>Runs a check. Damage is in the report and never thrown.</summary>
    /// <param name="store">Open; read-only unless repair is asked for.</param>
    /// <param name="options">What to do.</param>
    /// <param name="cancel">Ends the check early; what repair has committed by then stays.</param>
    /// <exception cref="StoreException">EROFS: repair of a read-only store. ENOSPC: the commit before the check failed.</exception>
    /// <exception cref="OperationCanceledException">As asked.</exception>
    public static FsckReport Run(ClawStore store, FsckOptions options, CancellationToken cancel = default)
    {
        if (options.Repair)
        {
            store.Space.RequireWritable();
        }
        using Lock.Scope turn = store.TakeCheck();
        using var meter = new ProgressMeter(options.Progress);
        Scan first = Check(store, options, meter, cancel);
        IReadOnlyList<FsckProblem> problems = options.Paths ? new ProblemPaths(store, first).AddTo(first.Problems) : first.Problems;
        IReadOnlyList<FsckProblem> remaining = problems;
        var done = new List<string>();
        var changed = new HashSet<ulong>();
        if (options.Repair && problems.Count > 0 && !first.Problems.Exists(static p => p.Code is FsckCode.CommitFailed or FsckCode.RowOwnedTwice))
        {
            meter.Start("repair", 0);
            remaining = [.. Mend(store, first, done, changed, meter, cancel), .. problems.Where(static p => p.Code == FsckCode.RolledBack)];
        }
        if (options.CheckData && remaining.Count == 0)
        {
            store.Scrubber.Clear();
        }
        return new FsckReport
        {
            Problems = problems,
            Repaired = done,
            Remaining = remaining,
            Changed = [.. changed],
            Rows = first.Rows,
            Inodes = first.Nodes.Count,
            Folders = first.Nodes.Values.Count(static n => n.IsFolder),
            Blocks = first.Blocks,
            BlocksChecked = first.BlocksChecked,
            Segments = first.Segments.Count,
        };
    }

    private static Scan Check(ClawStore store, FsckOptions options, ProgressMeter meter, CancellationToken cancel)
    {
        string? refusal = TryCommit(store);
        store.Checkpoints.HoldSpace(true);
        try
        {
            Scan scan;
            using (store.Checkpoints.Pause())
            {
                scan = ReadCommit(store, meter, cancel);
            }
            if (refusal is not null)
            {
                scan.Add(FsckCode.CommitFailed, 0, refusal);
            }
            if (store.Anchored == AnchorState.RolledBack)
            {
                scan.Add(FsckCode.RolledBack, 0, store.RollbackLine);
            }
            if (options.CheckData)
            {
                new BlockScan(store, scan, meter, cancel).Run();
            }
            // A segment may have been born between the two looks at it, or have left the rows while its file is kept for this check.
            foreach (ulong known in scan.StraySegments.Where(id => store.State.Segments.Knows(id) || store.Checkpoints.KeepsFile(id)).ToList())
            {
                scan.StraySegments.Remove(known);
                scan.Problems.RemoveAll(p => p.Code == FsckCode.SegmentStray && p.Object == known);
            }
            return scan;
        }
        finally
        {
            store.Checkpoints.HoldSpace(false);
        }
    }

    /// <summary>Why nothing can be committed, null if all is well; a full disk is thrown.</summary>
    private static string? TryCommit(ClawStore store)
    {
        try
        {
            if (!store.ReadOnly)
            {
                store.Commit();
            }
            return null;
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            return e.Message;
        }
    }

    /// <summary>Reads the rows of the last commit. Precondition: no commit passes meanwhile.</summary>
    private static Scan ReadCommit(ClawStore store, ProgressMeter meter, CancellationToken cancel)
    {
        var scan = new Scan();
        new RowScan(store, scan, meter, cancel).Run();
        new NameScan(scan, meter, cancel).Run();
        new SpaceScan(store, scan, meter, cancel).Run();
        return scan;
    }

    /// <summary>
    /// Rounds of scan and repair, because mending one thing uncovers the next: a folder that is given up makes its files lost ones. Changes wait while a round runs. Blocks
    /// are not read again: what the check found bad is looked at once more and cut in the first round.
    /// </summary>
    private static List<FsckProblem> Mend(ClawStore store, Scan first, List<string> done, HashSet<ulong> changed, ProgressMeter meter, CancellationToken cancel)
    {
        List<FsckProblem> left = first.Problems;
        List<ScanExtent> badBlocks = [.. BadBlocks(first)];
        for (int round = 0; round < MostRounds; round++)
        {
            cancel.ThrowIfCancellationRequested();
            ulong lost = LostAndFound(store, needed: left.Exists(static p => p.Code == FsckCode.InodeLost));
            int before = done.Count;
            store.Checkpoints.Alone(() =>
            {
                Scan scan = ReadCommit(store, meter, CancellationToken.None);
                scan.BadExtents.AddRange(StillThere(scan, badBlocks));
                left = scan.Problems;
                var repair = new Repair(store, scan, lost);
                repair.Run();
                done.AddRange(repair.Done);
                changed.UnionWith(repair.Changed);
            });
            badBlocks.Clear();
            if (done.Count == before && (lost != 0 || !left.Exists(static p => p.Code == FsckCode.InodeLost)))
            {
                return left;
            }
        }
        return Check(store, new FsckOptions { CheckData = false }, meter, cancel).Problems;
    }

    private static IEnumerable<ScanExtent> BadBlocks(Scan scan)
    {
        HashSet<ulong> inodes = [.. scan.Problems.Where(static p => p.Code == FsckCode.BlockDamaged).Select(static p => p.Object)];
        return scan.BadExtents.Where(e => inodes.Contains(e.Inode));
    }

    /// <summary>Of a live file only the blocks that are still the same ones: a place of a segment is written once.</summary>
    private static IEnumerable<ScanExtent> StillThere(Scan scan, List<ScanExtent> bad) =>
        bad.Where(b => scan.Extents.Exists(e => e.Inode == b.Inode && e.Extent.Segment == b.Extent.Segment
            && e.Extent.Block <= b.Extent.Block && e.Extent.End >= b.Extent.End
            && e.Extent.Slice(b.Extent.Block, b.Extent.Block + 1).Offset == b.Extent.Offset));

    /// <summary>The folder lost+found below the stored top, made if it is needed; 0 if it cannot be had.</summary>
    private static ulong LostAndFound(ClawStore store, bool needed)
    {
        if (!needed)
        {
            return 0;
        }
        var request = new LocalRequest(0, 0);
        try
        {
            ulong top = store.Tree.EnsureTop(Top, 0x1C0, 0, 0);
            Errno error = store.Tree.Lookup(request, top, System.Text.Encoding.ASCII.GetBytes(LostFolder), out Entry entry);
            if (error == Errno.Ok && entry.Node == 0)
            {
                error = store.Tree.MkDir(request, top, System.Text.Encoding.ASCII.GetBytes(LostFolder), 0x1C0, out entry);
            }
            if (error == Errno.Ok && entry.Attr.IsDirectory)
            {
                store.Tree.Forget(entry.Node, 1);
                return entry.Node;
            }
        }
        catch (StoreException e)
        {
            store.Report($"lost+found cannot be made: {e.Message}");
        }
        return 0;
    }
}

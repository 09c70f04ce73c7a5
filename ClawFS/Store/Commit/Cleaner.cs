using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Commit;

/// <summary>
/// Empties segments of which little is alive: copies what lives to the segment that grows, so that the next checkpoint deletes the file. A step is
/// one journal record about at most 1 MiB of one file; it reads and seals without the file's lock and takes it only to name the new place, if the file still
/// names the old one. What lost that race stays where it is, and its copy is dead space. While a step holds the gate no checkpoint can free what it reads.
/// </summary>
internal sealed class Cleaner : IDisposable
{
    /// <summary>Bytes that are copied before a checkpoint must free the old ones: what cleaning takes of the disk for a while.</summary>
    private const long MostAtOnce = 64 << 20;
    private const long NeededSpace = 8 << 20;
    private const uint StepBlocks = Content.MaxRequest / Extent.BlockSize;
    private const int Tries = 4;

    private readonly ClawStore store;
    private readonly CleaningPolicy policy;
    private readonly SpanWriter record = new(16 << 10);
    private readonly Extent[] found = new Extent[StepBlocks];
    private readonly Extent[] copies = new Extent[StepBlocks];
    private readonly HashSet<ulong> reported = [];
    private readonly SemaphoreSlim wake = new(0);
    private readonly Lock guard = new();
    private readonly Lock running = new();
    private string? damage;
    private Thread? thread;
    private volatile bool stopping;

    public Cleaner(ClawStore store, long slack)
    {
        this.store = store;
        policy = new CleaningPolicy(slack);
    }

    /// <summary>Sealed bytes copied since the store was opened.</summary>
    public long CopiedBytes { get; private set; }

    /// <summary>Starts cleaning in the background, after checkpoints.</summary>
    public void Start()
    {
        thread = new Thread(Loop) { IsBackground = true, Name = "claw cleaner" };
        thread.Start();
    }

    /// <summary>A checkpoint has committed: looks whether something is worth cleaning.</summary>
    public void Wake()
    {
        lock (guard)
        {
            if (!stopping && wake.CurrentCount == 0)
            {
                wake.Release();
            }
        }
    }

    /// <summary>Cleans on this thread until nothing is worth it or enough is copied that a checkpoint should come; the bytes copied.</summary>
    /// <exception cref="StoreException">The disk refused a write, or the store closes.</exception>
    public long Pass()
    {
        lock (running)
        {
            long before = CopiedBytes;
            var done = new HashSet<ulong>();
            while (CopiedBytes - before < MostAtOnce && MayGoOn()
                && policy.Choose(store.State.Segments.Snapshot(), store.ActiveSegment, done) is { } segment)
            {
                done.Add(segment.Id);
                Empty(segment);
            }
            return CopiedBytes - before;
        }
    }

    public void Dispose()
    {
        lock (guard)
        {
            stopping = true;
            wake.Release();
        }
        thread?.Join();
        wake.Dispose();
    }

    private bool MayGoOn() => !stopping && !store.Checkpoints.HoldsSpace && store.Space.AvailableBytes >= NeededSpace;

    private void Empty(SegmentRecord segment)
    {
        bool complete = true;
        uint from = 0;
        damage = null;
        try
        {
            while (TryNext(segment, from, out Run run))
            {
                for (uint at = 0; at < run.Count; at += StepBlocks)
                {
                    if (!MayGoOn())
                    {
                        return;
                    }
                    complete &= Move(run.Slice(at, Math.Min(StepBlocks, run.Count - at)));
                }
                from = run.Offset + 1;
            }
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            damage ??= e.Message;
        }
        if (damage is not null && reported.Add(segment.Id))
        {
            store.Report($"segment {segment.Id:x16} cannot be emptied: {damage}");
        }
        if (complete)
        {
            policy.PassOver(segment);
        }
    }

    private static bool TryNext(SegmentRecord segment, uint from, out Run run)
    {
        lock (segment)
        {
            bool found = segment.TryNextRun(from, out uint offset, out ulong inode, out ulong block, out uint count);
            run = new Run(segment.Id, offset, inode, block, count);
            return found;
        }
    }

    /// <summary>Moves what lives of a part of a run; false if changes of the file were faster each time.</summary>
    private bool Move(in Run run)
    {
        for (int i = 0; i < Tries; i++)
        {
            using ChangeGate.Pass pass = store.Gate.Enter();
            if (!TryPin(run.Inode, out InodeLease lease))
            {
                return true;
            }
            using (lease)
            {
                int count = Find(lease.Inode, run);
                int copied = Copy(lease.Inode, count);
                if (copied == 0 || TryName(lease.Inode, copied))
                {
                    return true;
                }
            }
        }
        return false;
    }

    /// <summary>False for an inode that has ended: nothing of the run lives.</summary>
    private bool TryPin(ulong inode, out InodeLease lease)
    {
        try
        {
            lease = store.State.Cache.Pin(inode);
            return true;
        }
        catch (StoreException e) when (e.Error == Errno.ENOENT)
        {
            lease = default;
            return false;
        }
    }

    /// <summary>The parts of the run that the file still names.</summary>
    private int Find(Inode inode, in Run run)
    {
        int count = 0;
        lock (inode)
        {
            if (inode.Purged)
            {
                return 0;
            }
            for (ulong at = run.Block; at < run.End && Extents.TryFrom(inode, at, out Extent extent) && extent.Block < run.End; at = extent.End)
            {
                Extent part = extent.Slice(Math.Max(run.Block, extent.Block), Math.Min(run.End, extent.End));
                if (part.Segment == run.Segment && part.Offset == run.Offset + (part.Block - run.Block) * Extent.BlockSize)
                {
                    found[count++] = part;
                }
            }
        }
        return count;
    }

    /// <summary>Seals the found parts anew. Damaged blocks fall out of the list and stay where they are.</summary>
    private int Copy(Inode inode, int count)
    {
        int copied = 0;
        Span<Extent> parts = stackalloc Extent[(int)StepBlocks];
        found.AsSpan(0, count).CopyTo(parts);
        foreach (Extent part in parts[..count])
        {
            if (store.Content.TryCopy(inode, part, out copies[copied]))
            {
                found[copied++] = part;
                continue;
            }
            for (ulong block = part.Block; block < part.End; block++)
            {
                Extent one = part.Slice(block, block + 1);
                if (store.Content.TryCopy(inode, one, out copies[copied]))
                {
                    found[copied++] = one;
                }
                else
                {
                    damage ??= $"block {block} of inode {inode.Id} is damaged";
                }
            }
        }
        return copied;
    }

    /// <summary>Makes the file name the copies, where it still names the originals; false where one was overtaken.</summary>
    private bool TryName(Inode inode, int count)
    {
        lock (inode)
        {
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                if (inode.Purged || !Names(inode, found[i]))
                {
                    store.State.Segments.Wasted(copies[i]);
                }
                else
                {
                    // Whatever the change will touch is loaded before the journal has it.
                    Extents.Prepare(inode, copies[i].Block, copies[i].End);
                    copies[kept++] = copies[i];
                }
            }
            if (kept > 0)
            {
                var change = new DataChange
                {
                    Inode = inode.Id,
                    Size = inode.Size,
                    Mode = inode.Mode,
                    Mtime = inode.Mtime,
                    Ctime = inode.Ctime,
                    Extents = copies.AsSpan(0, kept),
                };
                record.Reset();
                record.U64(0);
                change.Encode(record);
                store.Append(ChangeKind.Data, record);
                store.State.Apply(change, inode);
                for (int i = 0; i < kept; i++)
                {
                    CopiedBytes += copies[i].SealedBytes;
                }
            }
            return kept == count || inode.Purged;
        }
    }

    private static bool Names(Inode inode, in Extent part) =>
        Extents.TryFrom(inode, part.Block, out Extent now) && now.Block <= part.Block && now.End >= part.End && now.Slice(part.Block, part.End) == part;

    private void Loop()
    {
        while (!stopping)
        {
            wake.Wait();
            try
            {
                if (Pass() > 0)
                {
                    store.Checkpoints.Request();
                    continue;
                }
            }
            catch (StoreException e) when (e.Error is Errno.ENOSPC or Errno.EDQUOT)
            {
                // A full disk is told to those who write; the next checkpoint tries again.
            }
            catch (StoreException e)
            {
                store.Report($"cleaning stopped: {e.Message}");
            }
            store.Pace.NothingToClean(store.ActiveSegment);
        }
    }

    /// <summary>Blocks written in one go, as the segment's record has them.</summary>
    private readonly record struct Run(ulong Segment, uint Offset, ulong Inode, ulong Block, uint Count)
    {
        public ulong End => Block + Count;

        public Run Slice(uint at, uint count) => new(Segment, Offset + at * Extent.BlockSize, Inode, Block + at, count);
    }
}

using ClawFS.Linux;

namespace ClawFS.Store.Segments;

/// <summary>
/// Appends to the active segment. A place is reserved under a lock; writers then seal and write their own places in parallel. A process never
/// appends to a segment of an earlier one: a crash or a copy may have rewound its length, and no (key, nonce) pair may repeat.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    private const int AllocationStep = 1 << 20;
    private const int Page = 4096;

    private readonly Lock gate = new();
    private readonly Lock syncing = new();
    private readonly SegmentFiles files;
    private readonly Func<ulong> newId;
    private List<SegmentFile> dirty = [];
    private List<SegmentFile> collected = [];
    private SegmentFile? active;
    private long end;
    private long allocated;
    private bool canAllocate = true;
    private bool newName;
    private StoreException? lost;

    /// <summary>Makes a writer without a segment: the first reservation makes one.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="newId">Gives an id that no segment of this store has or had; called under the writer's lock.</param>
    public SegmentWriter(SegmentFiles files, Func<ulong> newId)
    {
        this.files = files;
        this.newId = newId;
    }

    /// <summary>The id of the segment that grows, 0 if there is none: the cleaner leaves it alone.</summary>
    public ulong ActiveId
    {
        get
        {
            lock (gate)
                return active?.Id ?? 0;
        }
    }

    /// <summary>Takes a place. Whoever fails before <see cref="Write"/> has succeeded leaves it as dead space and never seals into it again.</summary>
    /// <param name="sealedBytes">1 up to 64 MiB less a page.</param>
    /// <param name="onPage">Whether the place starts on a page, a multiple of 4096; what is left out before it is never written.</param>
    /// <param name="segment">A reference; give it back with <see cref="SegmentFile.Release"/>.</param>
    /// <param name="offset">Where the place starts.</param>
    /// <exception cref="StoreException">ENOSPC, EDQUOT, EIO.</exception>
    public void Reserve(int sealedBytes, bool onPage, out SegmentFile segment, out uint offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sealedBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sealedBytes, SegmentFiles.MaxSize - Page);
        lock (gate)
        {
            if (active is null || Start(onPage) + sealedBytes > SegmentFiles.MaxSize)
                Roll();
            long start = Start(onPage);
            AllocateUpTo(start + sealedBytes);
            segment = active!;
            segment.AddReference();
            offset = (uint)start;
            end = start + sealedBytes;
        }
    }

    /// <summary>Writes into a reserved place; durable after the next <see cref="SyncDirty"/>.</summary>
    /// <exception cref="StoreException">ENOSPC, EIO: nothing of the place may be used.</exception>
    public void Write(SegmentFile segment, ReadOnlySpan<byte> sealedBytes, uint offset)
    {
        segment.Write(sealedBytes, offset);

        // Only now: a sync that collected the segment before this write could have missed it.
        lock (gate)
        {
            if (segment.Dirty)
                return;
            segment.Dirty = true;
            segment.AddReference();
            dirty.Add(segment);
        }
    }

    /// <summary>Makes everything durable whose <see cref="Write"/> has returned before the call.</summary>
    /// <exception cref="StoreException">
    /// The disk refused. The kernel may have dropped the pages and answers the next fdatasync with success, so this and every later call fail
    /// until the store is opened again.
    /// </exception>
    public void SyncDirty()
    {
        lock (syncing)
        {
            bool syncNames;
            lock (gate)
            {
                (dirty, collected) = (collected, dirty);
                foreach (SegmentFile segment in collected)
                    segment.Dirty = false;
                syncNames = newName;
                newName = false;
            }
            try
            {
                if (lost is not null)
                    throw new StoreException(lost.Error, lost.Message, lost);
                foreach (SegmentFile segment in collected)
                    segment.SyncData();
                if (syncNames)
                    files.SyncFolder();
            }
            catch (StoreException e)
            {
                lost ??= e;
                throw;
            }
            finally
            {
                foreach (SegmentFile segment in collected)
                    segment.Release();
                collected.Clear();
            }
        }
    }

    /// <summary>Ends the active segment; the next reservation starts another. A backup or the cleaner may then take it.</summary>
    public void EndSegment()
    {
        lock (gate)
            End();
    }

    /// <summary>Ends the active segment without syncing.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            End();
            foreach (SegmentFile segment in dirty)
                segment.Release();
            dirty.Clear();
        }
    }

    private long Start(bool onPage) => onPage ? (end + Page - 1) / Page * Page : end;

    private void Roll()
    {
        SegmentFile next = files.Create(newId());
        End();
        active = next;
        end = allocated = SegmentHeader.Size;
        newName = true;
    }

    private void End()
    {
        if (active is null)
            return;
        SegmentFile ended = active;
        active = null;
        try
        {
            if (allocated > end)
                ended.Trim(end);
        }
        catch (LinuxException)
        {
            // Less than a step stays allocated until the segment is deleted; nothing that is stored depends on it.
        }
        ended.Release();
    }

    /// <summary>Reserves disk space ahead, so that a full disk is found before anything is sealed and segments stay in few extents.</summary>
    private void AllocateUpTo(long needed)
    {
        if (needed <= allocated || !canAllocate)
            return;
        long step = Math.Min(SegmentFiles.MaxSize, (needed + AllocationStep - 1) / AllocationStep * AllocationStep);
        try
        {
            active!.Allocate(allocated, step - allocated);
            allocated = step;
        }
        catch (LinuxException e) when (e.Error == Errno.EOPNOTSUPP)
        {
            canAllocate = false;
        }
        catch (LinuxException)
        {
            AllocateExactly(needed);
        }
    }

    /// <summary>The disk is nearly full: takes no more than what is asked for.</summary>
    private void AllocateExactly(long needed)
    {
        try
        {
            active!.Allocate(allocated, needed - allocated);
            allocated = needed;
        }
        catch (LinuxException e)
        {
            throw StoreException.From(e);
        }
    }
}

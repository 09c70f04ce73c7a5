using ClawFS.Linux;
using ClawFS.Store.Objects;

namespace ClawFS.Store.Commit;

/// <summary>
/// Decides whether there is room for a change before it begins: the quota of the store (EDQUOT), then the disk (ENOSPC). A reserve of the disk is kept
/// for checkpoints and for changes that give space back, so that a full store can always be emptied.
/// </summary>
internal sealed class Space(Folder folder, StoreState state, bool readOnly)
{
    /// <summary>Disk space that only checkpoints and removals may use.</summary>
    public const long Reserve = 16 << 20;
    private const long LargestBudget = 32 << 20;
    private const long RowCost = 1024;

    private readonly Lock refill = new();
    private long budget;

    /// <summary>Frees what is dead at once; set by the store, because a checkpoint does it.</summary>
    public Action? Reclaim { get; set; }

    /// <summary>Ends at once what is being ended in the background; set by the store.</summary>
    public Action? EndOrphans { get; set; }

    /// <summary>Bytes of the disk that new content may use.</summary>
    public long AvailableBytes => Math.Max(0, folder.FreeBytes - Reserve);

    /// <summary>Throws EDQUOT, ENOSPC or EROFS if there is no room for this much new content (0: only a row). Must be called outside the gate.</summary>
    public void Admit(long bytes)
    {
        RequireWritable();
        if (ExceedsQuota(bytes))
        {
            EndOrphans?.Invoke();
            if (ExceedsQuota(bytes))
            {
                throw new StoreException(Errno.EDQUOT, "the quota of the store is used up");
            }
        }
        if (Interlocked.Add(ref budget, -(bytes + RowCost)) < 0)
        {
            Refill(bytes + RowCost);
        }
    }

    /// <summary>Throws EROFS if the store was opened read-only. For changes that give space back and so need none.</summary>
    public void RequireWritable()
    {
        if (readOnly)
        {
            throw new StoreException(Errno.EROFS, "the store is mounted read-only");
        }
    }

    private bool ExceedsQuota(long bytes)
    {
        ulong quota = state.Quota;
        return quota != 0 && state.UsedBytes + (ulong)bytes > quota;
    }

    private void Refill(long needed)
    {
        lock (refill)
        {
            if (TryRefill(needed))
            {
                return;
            }
            EndOrphans?.Invoke();
            Reclaim?.Invoke();
            if (!TryRefill(needed))
            {
                throw new StoreException(Errno.ENOSPC, "the disk of the store is full");
            }
        }
    }

    private bool TryRefill(long needed)
    {
        long available = AvailableBytes;
        if (available < needed)
        {
            return false;
        }
        Interlocked.Exchange(ref budget, Math.Min(LargestBudget, (available - needed) / 2));
        return true;
    }
}

using ClawFS.Store.Objects;

namespace ClawFS.Store.Commit;

/// <summary>
/// Holds writers back while segments hold far more than lives in them: commits and the cleaner, which take that away, then need the processor and the disk more than the
/// next write does, and a machine that starves them would otherwise fill its disk with dead blocks. A write waits a little, longer the more there is, and
/// never longer than <see cref="MostWait"/>; what nobody can take away (damaged segments, space held for a backup) holds nobody back.
/// </summary>
internal sealed class WritePace(StoreState state, Checkpointer checkpoints, long most)
{
    /// <summary>As long as the kernel pauses who dirties pages too fast (mm/page-writeback.c, MAX_PAUSE).</summary>
    private static readonly TimeSpan MostWait = TimeSpan.FromMilliseconds(200);

    private readonly Lock guard = new();
    private readonly ManualResetEventSlim progress = new(false, spinCount: 0);
    private long accepted;
    private long heldBack;

    /// <summary>Writes that have waited since the store was opened.</summary>
    public long HeldBack => Interlocked.Read(ref heldBack);

    /// <summary>Waits if segments have run ahead. Called before a write takes anything that commits or the cleaner need.</summary>
    public void Wait()
    {
        long ahead = Ahead;
        if (ahead > 0)
        {
            Wait(ahead);
        }
    }

    /// <summary>A checkpoint has committed and given space back.</summary>
    public void Committed()
    {
        lock (guard)
        {
            Interlocked.Exchange(ref accepted, Math.Min(accepted, state.Segments.Excess));
        }
        progress.Set();
    }

    /// <summary>The cleaner finds nothing that it could copy now: what is still dead in segments where something lives stays, and holds nobody back.</summary>
    /// <param name="active">The segment that grows. It is not cleaned before it is full, and is smaller than what writers may be ahead.</param>
    public void NothingToClean(ulong active)
    {
        lock (guard)
        {
            Interlocked.Exchange(ref accepted, state.Segments.ExcessAmongLiving(active));
        }
        progress.Set();
    }

    private long Ahead => state.Segments.Excess - Interlocked.Read(ref accepted) - most;

    private void Wait(long ahead)
    {
        if (checkpoints.HoldsSpace)
        {
            return;
        }
        Interlocked.Increment(ref heldBack);
        TimeSpan wait = MostWait * Math.Min(1, (double)ahead / most);
        long until = Environment.TickCount64 + (long)wait.TotalMilliseconds;
        for (long left = (long)wait.TotalMilliseconds; left > 0 && Ahead > 0; left = until - Environment.TickCount64)
        {
            progress.Reset();
            checkpoints.Request();
            progress.Wait((int)left);
        }
    }
}

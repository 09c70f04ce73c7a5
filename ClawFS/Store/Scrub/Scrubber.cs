namespace ClawFS.Store.Checks;

/// <summary>
/// The background check: a thread that does steps of a <see cref="ScrubPass"/> so slowly that nobody notices, about one pass a week. While requests come it does a sixteenth of its
/// pace. What it finds goes to the log, to the events and to <see cref="Status"/>; nothing is mended. Where it stands is kept in a hidden file,
/// so that a pass goes on after a restart; what a kill loses of it is looked at again.
/// </summary>
internal sealed class Scrubber : IDisposable
{
    private const int MostReports = 32;
    private const int BusyFactor = 16;
    private const int UnitBytes = 4096;
    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly ClawStore store;
    private readonly StoreOptions options;
    private readonly Action<FsckProblem> publish;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock running = new();
    private readonly Lock guard = new();
    private Thread? thread;
    private HiddenFile? file;
    private ScrubNote note;
    private ScrubPass? pass;
    private DateTimeOffset saved;

    /// <param name="store">The store; fully open when <see cref="Start"/> is called.</param>
    /// <param name="options">Period, pace, and where lines go.</param>
    /// <param name="publish">Takes each problem that is reported.</param>
    public Scrubber(ClawStore store, StoreOptions options, Action<FsckProblem> publish)
    {
        this.store = store;
        this.options = options;
        this.publish = publish;
    }

    /// <summary>Where it stands.</summary>
    public ScrubStatus Status
    {
        get
        {
            ScrubNote now = Note;
            ScrubState state = now.IsRunning ? ScrubState.Running : options.ScrubPeriod == TimeSpan.Zero ? ScrubState.Off : ScrubState.Waiting;
            return new(state, now.Begun, now.Ended, now.Rows, now.Blocks, now.Problems);
        }
    }

    /// <summary>All of the note at one moment.</summary>
    private ScrubNote Note
    {
        get
        {
            lock (guard)
            {
                return note;
            }
        }
    }

    /// <summary>Takes up where an earlier process stood and starts checking in the background, if it is wanted.</summary>
    public void Start()
    {
        Resume();
        if (options.ScrubPeriod > TimeSpan.Zero)
        {
            thread = new Thread(Loop) { IsBackground = true, Name = "claw scrub" };
            thread.Start();
        }
    }

    /// <summary>Does a whole pass on this thread, without rests; a pass that was under way in the background is given up for it.</summary>
    /// <exception cref="OperationCanceledException">As asked, or the store closes.</exception>
    public ScrubStatus RunNow(CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, stop.Token);
        lock (running)
        {
            Begin();
            while (pass is not null)
            {
                both.Token.ThrowIfCancellationRequested();
                Step();
            }
        }
        return Status;
    }

    /// <summary>A check has found everything sound: what the last pass found is no longer so.</summary>
    public void Clear()
    {
        lock (guard)
        {
            note = note with { Problems = 0 };
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        thread?.Join();
        lock (running)
        {
            if (pass is not null)
            {
                Save();
            }
        }
        stop.Dispose();
    }

    private void Loop()
    {
        WaitHandle stopped = stop.Token.WaitHandle;
        if (stopped.WaitOne(options.ScrubRest))
        {
            return;
        }
        TimeSpan wait = TimeSpan.Zero;
        long activity = store.State.Cache.Activity;
        while (!stopped.WaitOne(wait))
        {
            int cost = StepIfDue();
            long now = store.State.Cache.Activity;
            wait = cost == 0 ? UntilDue() : TimeSpan.FromSeconds((double)cost * UnitBytes / Pace * (now == activity ? 1 : BusyFactor));
            activity = now;
        }
    }

    private int StepIfDue()
    {
        try
        {
            lock (running)
            {
                if (pass is null && UntilDue() == TimeSpan.Zero)
                {
                    Begin();
                }
                return pass is null ? 0 : Step();
            }
        }
        catch (StoreException e)
        {
            // Memory or the disk refuse, which is no damage; the pass goes on from here, but not at once.
            options.Report($"the background check waits: {e.Message}");
            return (int)(LongestWait.TotalSeconds * Pace / UnitBytes);
        }
    }

    /// <summary>Bytes a second: what reads everything in half the period, but not less than asked for.</summary>
    private double Pace => Math.Max(options.ScrubPace, 2 * (store.State.Segments.LiveBytes + UnitBytes * store.State.InodeCount) / options.ScrubPeriod.TotalSeconds);

    private TimeSpan UntilDue()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        // A clock that was set back must not put it off for years.
        TimeSpan left = Note.Begun is { } begun && begun <= now ? begun + options.ScrubPeriod - now : TimeSpan.Zero;
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestWait ? left : LongestWait;
    }

    private void Begin()
    {
        lock (guard)
        {
            note = new ScrubNote(DateTimeOffset.UtcNow, null, 0, 0, 0, 0, 0) { Ended = note.Ended };
        }
        pass = new ScrubPass(store, 0, 0, Found);
        saved = DateTimeOffset.UtcNow;
    }

    /// <summary>Does a step of the pass. Precondition: <see cref="running"/>, and there is one.</summary>
    private int Step()
    {
        ScrubPass now = pass!;
        (long rows, long blocks) = (now.Rows, now.Blocks);
        int cost = now.Step();
        lock (guard)
        {
            note = note with { Row = now.Row, Block = now.Block, Rows = note.Rows + now.Rows - rows, Blocks = note.Blocks + now.Blocks - blocks };
        }
        if (cost == 0)
        {
            pass = null;
            lock (guard)
            {
                note = note with { Ended = DateTimeOffset.UtcNow, Row = 0, Block = 0 };
            }
            Save();
        }
        else if (DateTimeOffset.UtcNow - saved > SaveEvery)
        {
            Save();
        }
        return cost;
    }

    private void Found(FsckProblem problem)
    {
        int count;
        lock (guard)
        {
            count = note.Problems + 1;
            note = note with { Problems = count };
        }
        if (count <= MostReports)
        {
            options.Report($"background check: {problem}");
            publish(problem);
        }
        else if (count == MostReports + 1)
        {
            options.Report("background check: there is more; claw fsck lists it");
        }
    }

    private void Resume()
    {
        saved = DateTimeOffset.UtcNow;
        try
        {
            if (!store.ReadOnly && HiddenFile.Exists(store.Tree, ScrubNote.FileName))
            {
                file = new HiddenFile(store.Tree, ScrubNote.FileName);
                note = ScrubNote.Load(file);
                pass = note.IsRunning ? new ScrubPass(store, note.Row, note.Block, Found) : null;
            }
        }
        catch (StoreException e)
        {
            options.Report($"where the background check stood cannot be read, it begins anew: {e.Message}");
        }
    }

    private void Save()
    {
        saved = DateTimeOffset.UtcNow;
        if (store.ReadOnly)
        {
            return;
        }
        try
        {
            file ??= new HiddenFile(store.Tree, ScrubNote.FileName);
            Note.Save(file);
        }
        catch (StoreException)
        {
            // Whoever writes is told of a full or failing disk; without the note a pass begins anew after a restart.
            file = null;
        }
    }
}

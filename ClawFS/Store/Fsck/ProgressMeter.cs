namespace ClawFS.Store.Checks;

/// <summary>Reports where a check stands several times a second, however long one step takes.</summary>
internal sealed class ProgressMeter : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(300);

    private readonly IProgress<FsckProgress>? target;
    private readonly Timer? timer;
    private volatile string stage = "rows";
    private long done;
    private long total;

    public ProgressMeter(IProgress<FsckProgress>? target)
    {
        this.target = target;
        timer = target is null ? null : new Timer(static me => ((ProgressMeter)me!).Report(), this, TimeSpan.Zero, Period);
    }

    public void Start(string name, long units)
    {
        Interlocked.Exchange(ref done, 0);
        Interlocked.Exchange(ref total, units);
        stage = name;
        Report();
    }

    public void Add(long units) => Interlocked.Add(ref done, units);

    public void Dispose() => timer?.Dispose();

    private void Report() => target?.Report(new FsckProgress(stage, Interlocked.Read(ref done), Interlocked.Read(ref total)));
}

using ClawOS.Mounting.Posix;

namespace ClawOS.Mount.Tests.Crash;

/// <summary>
/// One writer and what it has been promised. Every call of it must succeed while the mount lives, whatever dies behind it; the first one that fails ends it, and
/// whether that one was done is open. Its memory is of this process, which is not killed.
/// </summary>
internal abstract class CrashWriter(int seed)
{
    private volatile bool _stop;
    private Thread? _thread;

    protected Random Random { get; } = new(seed);

    /// <summary>The call that failed, null while all succeed.</summary>
    public string? Failed { get; protected set; }

    /// <summary>Steps done so far.</summary>
    public long Steps { get; private set; }

    public void Start()
    {
        (_stop, Failed) = (false, null);
        _thread = new Thread(Run);
        _thread.Start();
    }

    /// <summary>Lets it end after its step; false when it does not come back.</summary>
    public bool Stop(TimeSpan limit)
    {
        _stop = true;
        return _thread?.Join(limit) ?? true;
    }

    /// <summary>Compares the tree with the promises, while it does not run; what is there settles what was open.</summary>
    /// <param name="mountLost">Whether the mount is another one since: then what was not synced may be gone.</param>
    /// <param name="wrong">Takes what is missing or wrong.</param>
    public abstract void Check(bool mountLost, List<string> wrong);

    /// <summary>Called once before the steps of each start.</summary>
    protected virtual void Begin()
    {
    }

    /// <summary>Some calls; false when one has failed.</summary>
    protected abstract bool Step();

    protected virtual void End()
    {
    }

    /// <summary>Notes a failure; true when the call has succeeded.</summary>
    protected bool Done(Reply reply, string what)
    {
        if (reply.Failed)
            Failed ??= $"{GetType().Name}: {what}: {reply.Error}";
        return !reply.Failed;
    }

    private void Run()
    {
        try
        {
            Begin();
            while (!_stop && Failed is null && Step())
                Steps++;
            End();
        }
        catch (Exception e)
        {
            Failed ??= $"{GetType().Name}: {e}";
        }
    }
}

using System.Diagnostics;
using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Search.Saved;

/// <summary>
/// Asks the standing queries again after the index has changed: one at a time, on a thread of its own that yields to whoever is served, with pauses three times as long as what
/// it has just done, so that however many there are they take a quarter of a core at most. New hits become events.
/// </summary>
internal sealed class StandingSearch
{
    /// <summary>Milliseconds between the change and the question, in which further changes come.</summary>
    private const int DebounceMilliseconds = 250;

    /// <summary>Milliseconds between two times at which what was told is kept: a kill in between tells it again.</summary>
    private const int KeepMilliseconds = 1000;

    private const int PauseFactor = 3, LongestPauseMilliseconds = 1000;

    private readonly SavedQueries saved;
    private readonly Func<long> version;
    private readonly Func<SavedQuestion, Task?> preparing;
    private readonly FsEventSink events;
    private readonly Action<string> report;
    private readonly CancellationToken stop;
    private readonly AutoResetEvent noticed = new(false);
    private readonly Thread thread;
    private long keptAt;
    private bool isRefused;

    /// <summary>Makes it; <see cref="Start"/> begins.</summary>
    /// <param name="saved">The queries.</param>
    /// <param name="version">Of the index.</param>
    /// <param name="preparing">What a question waits for; the task ends in any case.</param>
    /// <param name="events">Takes the hits.</param>
    /// <param name="report">Told what goes wrong, a line each.</param>
    /// <param name="stop">Ends it.</param>
    public StandingSearch(SavedQueries saved, Func<long> version, Func<SavedQuestion, Task?> preparing, FsEventSink events, Action<string> report, CancellationToken stop)
    {
        this.saved = saved;
        this.version = version;
        this.preparing = preparing;
        this.events = events;
        this.report = report;
        this.stop = stop;
        thread = new Thread(Run) { IsBackground = true, Name = "standing" };
    }

    /// <summary>Begins.</summary>
    public void Start() => thread.Start();

    /// <summary>The index is another one, or complete.</summary>
    public void Notice() => noticed.Set();

    /// <summary>Waits for the end, once the token is cancelled.</summary>
    public void Join()
    {
        if (!thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            thread.Join();
        }
        noticed.Dispose();
    }

    private void Run()
    {
        BackgroundThread.Enter();
        WaitHandle[] either = [noticed, stop.WaitHandle];
        while (!stop.IsCancellationRequested)
        {
            int reason = WaitHandle.WaitAny(either, saved.IsBehind ? KeepMilliseconds : Timeout.Infinite);
            if (reason == 0 && !stop.WaitHandle.WaitOne(DebounceMilliseconds))
            {
                AskAll();
            }
            if (saved.IsBehind && Environment.TickCount64 - keptAt >= KeepMilliseconds)
            {
                Keep();
            }
        }
        if (saved.IsBehind)
        {
            Keep();
        }
    }

    private void AskAll()
    {
        foreach (SavedQuery query in saved.All)
        {
            if (query.Question.Query.Length == 0 || query.Last?.Version == version())
            {
                continue;
            }
            try
            {
                preparing(query.Question)?.Wait(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            long begin = Stopwatch.GetTimestamp();
            foreach (SearchHit hit in saved.Refresh(query))
            {
                Tell(query, hit);
            }
            double pause = Stopwatch.GetElapsedTime(begin).TotalMilliseconds * PauseFactor;
            if (stop.WaitHandle.WaitOne((int)Math.Min(pause, LongestPauseMilliseconds)))
            {
                return;
            }
        }
    }

    private void Tell(SavedQuery query, SearchHit hit) => events.Publish(new FsEvent
    {
        Kind = FsEventKind.Hit,
        Time = Timestamp.Now,
        Node = hit.Inode,
        Name = Encoding.UTF8.GetBytes(query.Name),
        Score = double.IsFinite(hit.Score) ? hit.Score : 0,
    });

    private void Keep()
    {
        keptAt = Environment.TickCount64;
        Rejection? refused = saved.Keep();
        if (refused is not null && !isRefused)
        {
            report($"the standing queries are not saved: {refused.Reason}; what they have told may be told again after a restart");
        }
        isRefused = refused is not null;
    }
}

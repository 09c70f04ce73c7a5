using ClawFS.Embedding;
using ClawFS.Linux;

namespace ClawFS.Search.Embedder;

/// <summary>
/// An embedder in a worker process: asks for a worker, for another one when that dies, is silent or breaks the protocol, and leaves it alone for a while after a failure, each time
/// longer. One line is reported when it begins to fail, not one for each try. Only the index's thread calls <see cref="Tick"/>; the rest is safe for several threads.
/// </summary>
internal sealed class WorkerEmbedder : IDisposable
{
    private readonly EmbedWorkers workers;
    private readonly Action<string> report;
    private readonly EmbedderTimes times;
    private readonly Lock gate = new();
    private EmbedderLink? link;
    private long startedAt, pausedUntil, reportedAt = long.MinValue / 2;
    private int failures;
    private string? trouble;
    private ReadyFrame? known;
    private bool isStarting, isDisposed;

    /// <summary>Makes an embedder; the first <see cref="Tick"/> asks for its worker.</summary>
    /// <param name="settings">What with.</param>
    /// <param name="place">Its place among the workers.</param>
    /// <param name="workers">Where workers come from.</param>
    /// <param name="report">Told a line when it begins to fail.</param>
    /// <param name="times">How long things may take.</param>
    public WorkerEmbedder(EmbedderSettings settings, int place, EmbedWorkers workers, Action<string> report, EmbedderTimes times)
    {
        this.times = times;
        Settings = settings;
        Place = place;
        this.workers = workers;
        this.report = report;
    }

    /// <summary>What with.</summary>
    public EmbedderSettings Settings { get; }

    /// <summary>Its place among the workers.</summary>
    public int Place { get; }

    /// <summary>What the worker said last about its model; null before it has answered once.</summary>
    public ReadyFrame? Known
    {
        get
        {
            lock (gate)
            {
                return known;
            }
        }
    }

    /// <summary>What goes wrong now, in a line; null when nothing does.</summary>
    public string? Trouble
    {
        get
        {
            lock (gate)
            {
                return trouble;
            }
        }
    }

    /// <summary>Starts a worker when one is wanted and due, and gives up one that does not start.</summary>
    public void Tick()
    {
        long now = Environment.TickCount64;
        EmbedderLink? late = null;
        lock (gate)
        {
            if (isDisposed)
            {
                return;
            }
            if (link?.End is { } end)
            {
                link = null;
                isStarting = false;
                FailLocked(end);
            }
            if (isStarting && now - startedAt > times.Start)
            {
                isStarting = false;
                late = link;
                link = null;
                FailLocked(new EmbedderException(EmbedFailureKind.Again, "the embed worker does not start"));
            }
            if (link is null && !isStarting && now >= pausedUntil)
            {
                isStarting = true;
                startedAt = now;
            }
            else
            {
                now = -1;
            }
        }
        late?.Dispose();
        if (now >= 0)
        {
            workers.Ask(Place, Settings.IsRemote, Take);
        }
    }

    /// <summary>Vectors of texts. The task faults with an <see cref="EmbedderException"/>, at once while the embedder is left alone.</summary>
    /// <param name="texts">As many as fit into a frame.</param>
    /// <param name="isQuestion">Whether somebody waits for it.</param>
    /// <param name="model">The model that is wanted: vectors of another one, which the worker may have by now, are of no use.</param>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, bool isQuestion, ReadyFrame model)
    {
        EmbedderLink used;
        lock (gate)
        {
            used = link is { Ready.IsCompletedSuccessfully: true, End: null } && Environment.TickCount64 >= pausedUntil ? link
                : throw new EmbedderException(EmbedFailureKind.Again, trouble ?? $"{Settings} is being started");
            if (used.Ready.Result != model)
            {
                throw new EmbedderException(EmbedFailureKind.Again, $"the embedder answers as {used.Ready.Result.Name} now");
            }
        }
        uint limit = isQuestion ? times.Question : times.Passages;
        try
        {
            float[][] vectors = await used.EmbedAsync(texts, isQuestion, limit).WaitAsync(TimeSpan.FromMilliseconds(limit + times.Grace)).ConfigureAwait(false);
            lock (gate)
            {
                failures = 0;
                trouble = null;
            }
            return vectors;
        }
        catch (TimeoutException)
        {
            EmbedderException silent = new(EmbedFailureKind.Again, "the embed worker is silent");
            used.Break(silent);
            throw silent;
        }
        catch (EmbedderException failed) when (failed.Kind != EmbedFailureKind.Refused && used.End is null)
        {
            lock (gate)
            {
                // One failure of several that were under way together is one.
                if (Environment.TickCount64 >= pausedUntil)
                {
                    FailLocked(failed);
                }
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        EmbedderLink? left;
        lock (gate)
        {
            isDisposed = true;
            left = link;
            link = null;
        }
        left?.Dispose();
        workers.Dismiss(Place);
    }

    private void Take(SeqPacketSocket channel)
    {
        lock (gate)
        {
            if (!isDisposed && isStarting && link is null)
            {
                EmbedderLink made = link = new EmbedderLink(channel, Settings);
                _ = made.Ready.ContinueWith(ready => OnReady(made, ready), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
                return;
            }
        }
        channel.Dispose();
    }

    private void OnReady(EmbedderLink made, Task<ReadyFrame> ready)
    {
        lock (gate)
        {
            if (link == made)
            {
                isStarting = false;
                known = ready.Result;
                trouble = null;
            }
        }
    }

    /// <summary>Precondition: the gate is held.</summary>
    private void FailLocked(EmbedderException failure)
    {
        long now = Environment.TickCount64;
        long pause = Math.Max(failure.RetryMilliseconds, Math.Min(times.LongestPause, times.FirstPause << Math.Min(failures, 10)));
        pausedUntil = now + pause;
        failures++;
        trouble = $"{Settings}: {failure.Message}";
        if (now - reportedAt >= times.ReportPause)
        {
            reportedAt = now;
            report($"{trouble}; searches answer by words, or by the vectors there are, until it works again");
        }
    }
}

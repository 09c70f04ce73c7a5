using ClawFS.Linux;
using ClawFS.Store.Log;
using ClawFS.Store.Segments;
using ClawFS.Vfs;

namespace ClawFS.Store.Commit;

/// <summary>
/// Group commit: fsync requests wait here, parked, and one thread makes everything durable that was answered before it began, for all of them
/// at once. Data first, then the journal that names them.
/// </summary>
internal sealed class SyncQueue : IDisposable
{
    private readonly SegmentWriter segments;
    private readonly Journal journal;
    private readonly Action<string> report;
    private readonly Lock guard = new();
    private readonly SemaphoreSlim wake = new(0);
    private readonly Thread thread;
    private List<ParkedRequest> waiting = [];
    private volatile bool stopping;

    public SyncQueue(SegmentWriter segments, Journal journal, Action<string> report)
    {
        this.segments = segments;
        this.journal = journal;
        this.report = report;
        thread = new Thread(Run) { IsBackground = true, Name = "claw sync" };
        thread.Start();
    }

    /// <summary>Answers the request when everything answered before this call is durable.</summary>
    public void Enqueue(ParkedRequest request)
    {
        lock (guard)
        {
            if (!stopping)
            {
                waiting.Add(request);
                wake.Release();
                return;
            }
        }
        request.Complete(Errno.ENOKEY);
    }

    /// <summary>Makes everything durable now, on this thread.</summary>
    public void SyncNow()
    {
        segments.SyncDirty();
        journal.Sync();
    }

    public void Dispose()
    {
        lock (guard)
        {
            stopping = true;
            wake.Release();
        }
        thread.Join();
        wake.Dispose();
    }

    private void Run()
    {
        var batch = new List<ParkedRequest>();
        while (true)
        {
            wake.Wait();
            lock (guard)
            {
                (batch, waiting) = (waiting, batch);
            }
            if (batch.Count == 0)
            {
                if (stopping)
                {
                    return;
                }
                continue;
            }
            Errno result = Errno.Ok;
            try
            {
                SyncNow();
            }
            catch (StoreException e)
            {
                report($"fsync failed: {e.Message}");
                result = e.Error;
            }
            foreach (ParkedRequest request in batch)
            {
                request.Complete(result);
            }
            batch.Clear();
        }
    }
}

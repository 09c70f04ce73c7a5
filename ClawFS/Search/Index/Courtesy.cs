namespace ClawFS.Search.Index;

/// <summary>
/// Lets whoever uses the mount go first: work that nobody waits for pauses while many requests come in, for some seconds in all, and then goes on beside them, so that it ends in any case.
/// </summary>
/// <param name="requests">Requests of the kernel so far; goes up only.</param>
/// <param name="stop">Ends a pause.</param>
internal sealed class Courtesy(Func<long> requests, CancellationToken stop)
{
    private const int Pause = 20;
    private const int BusyPerMillisecond = 1;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private long paused;
    private long seen = -1;
    private long seenAt;

    /// <summary>Returns once the mount is hardly used, or when it has waited long enough.</summary>
    public void Wait()
    {
        while (paused < s_patience.TotalMilliseconds && IsBusy())
        {
            stop.WaitHandle.WaitOne(Pause);
            paused += Pause;
        }
    }

    private bool IsBusy()
    {
        (long now, long at) = (requests(), Environment.TickCount64);
        bool isKnown = seen >= 0 && at - seenAt < 10 * Pause;
        if (isKnown && at - seenAt < Pause)
        {
            return false;
        }
        // What was counted long ago says nothing of now.
        bool isBusy = !isKnown || now - seen > BusyPerMillisecond * (at - seenAt);
        (seen, seenAt) = (now, at);
        return isBusy;
    }
}

namespace ClawFS.Search.Index;

/// <summary>
/// Lets whoever uses the mount go first: work that nobody waits for pauses while many requests come in, for some seconds in all,
/// and then goes on beside them, so that it ends in any case. Asked again within a moment it says what it has said, so it can be asked often.
/// </summary>
/// <param name="requests">Requests of the kernel so far; goes up only.</param>
/// <param name="stop">Ends a pause.</param>
internal sealed class Courtesy(Func<long> requests, CancellationToken stop)
{
    private const int Pause = 20;
    private const int BusyPerMillisecond = 1;

    private long paused;
    private long seen = -1;
    private long seenAt;

    /// <summary>How long it waits in all.</summary>
    public TimeSpan Patience { private get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Returns once the mount is hardly used, or when it has waited long enough.</summary>
    public void Wait()
    {
        while (paused < Patience.TotalMilliseconds && IsBusy())
        {
            stop.WaitHandle.WaitOne(Pause);
            paused += Pause;
        }
    }

    private bool IsBusy()
    {
        long at = Environment.TickCount64;
        // What was counted long ago says nothing of now.
        bool isKnown = seen >= 0 && at - seenAt < 10 * Pause;
        if (isKnown && at - seenAt < Pause / 2)
        {
            return false;
        }
        long now = requests();
        bool isBusy = !isKnown || now - seen > BusyPerMillisecond * (at - seenAt);
        (seen, seenAt) = (now, at);
        return isBusy;
    }
}

namespace ClawFS.Supervisor;

/// <summary>How often a service may be started again: more than this in a minute is a fault that a restart does not mend.</summary>
internal sealed class RestartBudget(uint perMinute, TimeProvider time)
{
    private readonly Queue<DateTimeOffset> recent = [];

    /// <summary>Takes one restart.</summary>
    /// <returns>False when the last minute had its share.</returns>
    internal bool TryTake()
    {
        DateTimeOffset now = time.GetUtcNow();
        while (recent.TryPeek(out DateTimeOffset oldest) && now - oldest > TimeSpan.FromMinutes(1))
        {
            recent.Dequeue();
        }

        if (recent.Count >= perMinute)
        {
            return false;
        }

        recent.Enqueue(now);
        return true;
    }
}

namespace ClawOS.Mount.Tests.Search;

/// <summary>Looks again and again at what comes by itself.</summary>
internal static class Waiting
{
    private const int Pause = 20;

    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Looks until it is satisfied; fails with what it saw last.</summary>
    internal static T Until<T>(Func<T> look, Func<T, bool> satisfied, TimeSpan? limit = null)
    {
        long end = Environment.TickCount64 + (long)(limit ?? Limit).TotalMilliseconds;
        while (true)
        {
            T now = look();
            if (satisfied(now))
                return now;
            Assert.True(Environment.TickCount64 < end, now is string[] lines ? string.Join("\n", lines) : $"{now}");
            Thread.Sleep(Pause);
        }
    }
}

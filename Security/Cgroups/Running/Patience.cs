using System.Diagnostics;

namespace ClawOS.Security.Cgroups.Running;

/// <summary>Asking again for something that the kernel tells nobody of: at first at once, then every millisecond, until the time is over.</summary>
internal sealed class Patience(TimeSpan limit)
{
    private const int QuickRounds = 20;

    private readonly long begun = Stopwatch.GetTimestamp();
    private int rounds;

    /// <summary>What is left of the time; not negative.</summary>
    internal TimeSpan Left => limit - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Lets some time pass.</summary>
    /// <returns>False when the time is over.</returns>
    internal bool Wait()
    {
        if (Left == TimeSpan.Zero)
            return false;
        if (rounds++ < QuickRounds)
            Thread.Yield();
        else
            Thread.Sleep(1);
        return true;
    }
}

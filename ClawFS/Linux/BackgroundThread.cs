namespace ClawFS.Linux;

/// <summary>Threads whose work can wait for everybody else's.</summary>
public static class BackgroundThread
{
    private const int Process = 0, Self = 0, Nice = 5;

    /// <summary>
    /// Gives the calling thread five steps less of the processor than it has now (setpriority(2) on Linux is about one thread). It keeps running, at about a third of the share of a
    /// thread that competes with it, and at full speed while nobody does. Threads that it starts inherit that.
    /// </summary>
    public static void Enter()
    {
        int now = NativeCalls.getpriority(Process, Self);
        // Asking for less is never refused; without it the thread is only not as polite.
        _ = NativeCalls.setpriority(Process, Self, Math.Min(19, now + Nice));
    }
}

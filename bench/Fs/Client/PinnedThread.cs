using System.Runtime.ExceptionServices;

namespace ClawOS.Bench.Fs.Client;

/// <summary>Runs work on a thread of its own: what the thread starts inherits its core and priority, so one call pins clients and daemons.</summary>
internal static class PinnedThread
{
    /// <summary>Runs one job and throws what it throws.</summary>
    /// <param name="core">The core, or null to leave the choice to the scheduler.</param>
    /// <param name="job">The work.</param>
    public static void Run(int? core, Action job) => Run(core, [job]);

    /// <summary>Runs jobs at once, each on its own thread, and waits for all.</summary>
    public static void Run(int? core, IReadOnlyList<Action> jobs)
    {
        List<Exception> failures = [];
        Thread[] threads = [.. jobs.Select(job => new Thread(() =>
        {
            try
            {
                if (core is { } pinned)
                    Calls.Pin(pinned);
                job();
            }
            catch (Exception e)
            {
                lock (failures)
                    failures.Add(e);
            }
        }))];
        Array.ForEach(threads, static t => t.Start());
        Array.ForEach(threads, static t => t.Join());
        if (failures.Count > 0)
            ExceptionDispatchInfo.Throw(failures[0]);
    }
}

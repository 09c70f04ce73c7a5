using System.Collections.Concurrent;

namespace ClawFS.Supervisor;

/// <summary>
/// The one thread on which the supervisor decides. Everything that happens elsewhere (a child ends, a frame arrives, somebody
/// asks) is posted here, so its state needs no lock.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private readonly BlockingCollection<Action> events = [];

    /// <summary>Adds an event; any thread. After the end it is dropped.</summary>
    internal void Post(Action action)
    {
        try
        {
            events.Add(action);
        }
        catch (InvalidOperationException)
        {
            // The loop has ended: nobody decides any more.
            return;
        }
    }

    /// <summary>Adds an event later.</summary>
    internal void PostAfter(TimeSpan delay, Action action) => Task.Delay(delay).ContinueWith(_ => Post(action), TaskScheduler.Default);

    /// <summary>Runs events in order until <see cref="End"/>.</summary>
    internal void Run()
    {
        foreach (Action action in events.GetConsumingEnumerable())
        {
            action();
        }
    }

    /// <summary>Ends <see cref="Run"/> after the events that are already there.</summary>
    internal void End() => events.CompleteAdding();

    public void Dispose() => events.Dispose();
}

using System.Collections.Concurrent;
using ClawFS.Linux;

namespace ClawOS.Security.Guard;

/// <summary>
/// The one thread that binds sockets in the mount: fs lets nobody else. While nobody serves the mount it stands still, and in guard only whoever starts something of /claw does, too.
/// </summary>
internal sealed class SocketBinder
{
    private readonly BlockingCollection<Action> work = [];
    private readonly TaskCompletionSource<uint> thread = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its thread id.</summary>
    internal uint ThreadId => thread.Task.GetAwaiter().GetResult();

    internal void Start() => new Thread(Work) { IsBackground = true, Name = "binder" }.Start();

    /// <summary>Has something done there, after what was asked for before.</summary>
    internal Task Do(Action action)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
                done.SetException(error);
            }
        });
        return done.Task;
    }

    private void Work()
    {
        thread.SetResult((uint)ProcessIdentity.ThreadId);
        foreach (Action action in work.GetConsumingEnumerable())
        {
            action();
        }
    }
}

using System.Collections.Concurrent;
using ClawFS.Linux;

namespace ClawFS.Fuse.Dispatch;

/// <summary>
/// Requests whose operation waits for something and is then done again from the start (<see cref="Vfs.Request.Await"/>): its message is kept, and a thread of its own dispatches it once
/// more. An interrupted one is answered EINTR at once.
/// </summary>
internal sealed class PostponedRequests
{
    private readonly BlockingCollection<(byte[] Message, FuseParkedRequest Parked)> ready = [];
    private readonly Func<FuseRequest> makeRequest;
    private readonly Lock gate = new();
    private Thread? thread;
    private bool isStopped;

    /// <param name="makeRequest">Makes the request of the thread, if there ever is one.</param>
    internal PostponedRequests(Func<FuseRequest> makeRequest) => this.makeRequest = makeRequest;

    /// <summary>Has a request dispatched again when its time has come.</summary>
    /// <param name="message">The message, whole; copied.</param>
    /// <param name="request">The request; it is parked here.</param>
    /// <param name="until">What it waits for; how it ends does not matter.</param>
    /// <param name="dispatcher">Does it again.</param>
    internal void Add(ReadOnlySpan<byte> message, FuseRequest request, Task until, FuseDispatcher dispatcher)
    {
        byte[] kept = message.ToArray();
        request.Park();
        FuseParkedRequest parked = request.Parked!;
        parked.OnInterrupt(static waiting => ((FuseParkedRequest)waiting).Abandon(Errno.EINTR));
        _ = until.ContinueWith(_ => Go((kept, parked), dispatcher), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Ends the thread; what still waits is answered by whoever closes the list of parked requests.</summary>
    internal void Stop()
    {
        lock (gate)
        {
            isStopped = true;
            ready.CompleteAdding();
        }

        thread?.Join();
    }

    private void Go((byte[] Message, FuseParkedRequest Parked) due, FuseDispatcher dispatcher)
    {
        lock (gate)
        {
            if (isStopped)
                return;

            ready.Add(due);
            if (thread is null)
            {
                thread = new Thread(() => Run(dispatcher)) { IsBackground = true, Name = "fuse again" };
                thread.Start();
            }
        }
    }

    private void Run(FuseDispatcher dispatcher)
    {
        using FuseRequest request = makeRequest();
        foreach ((byte[] message, FuseParkedRequest parked) in ready.GetConsumingEnumerable())
        {
            if (parked.TryLeave())
            {
                dispatcher.Dispatch(message, request);
            }
        }
    }
}

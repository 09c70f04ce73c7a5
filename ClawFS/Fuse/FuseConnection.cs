using System.Runtime.InteropServices;
using ClawFS.Fuse.Device;
using ClawFS.Fuse.Dispatch;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse;

/// <summary>
/// Serves one mount: agrees on the protocol, then reads requests on dedicated threads until the mount is gone. Nothing here opens
/// a path, and no thread pool takes part: a request that blocks on the disk holds up its own thread only.
/// </summary>
public sealed class FuseConnection
{
    /// <summary>Room in front of the data of a WRITE (fuse_in_header, fuse_write_in), rounded up to a page.</summary>
    private const int HeadRoom = 4096;

    private readonly FuseOptions options;
    private readonly FuseDevice device;
    private readonly LateSink late;
    private readonly FuseNotifier notifier;
    private readonly ParkedRequests parking = new();
    private PostponedRequests? postponed;
    private readonly OperationCounters parkedCounters;
    private readonly TaskCompletionSource<FuseSession> negotiated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private FuseDispatcher? dispatcher;
    private int running;

    /// <summary>Takes the descriptor of a mount that is in place; serving begins with <see cref="Start"/>.</summary>
    /// <param name="device">/dev/fuse, opened and mounted. It is kept open until <see cref="Completed"/>; closing it is the caller's.</param>
    /// <param name="options">How to serve.</param>
    public FuseConnection(SafeHandle device, FuseOptions options)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        this.device = new FuseDevice(device);
        late = new LateSink(this.device, device);
        notifier = new FuseNotifier(late, options.Report);
        parkedCounters = Statistics.NewCounters();
    }

    /// <summary>The way back to the kernel, for the trees. Notifications from before <see cref="Start"/> are kept until then.</summary>
    public KernelCache Cache => notifier;

    /// <summary>What has been done.</summary>
    public FuseStatistics Statistics { get; } = new();

    /// <summary>How many requests wait in trees and services.</summary>
    public int Parked => parking.Count;

    /// <summary>Ends when INIT is agreed on; at once for a successor. Faults with <see cref="NotSupportedException"/> on a kernel that is too old.</summary>
    public Task<FuseSession> Negotiated => negotiated.Task;

    /// <summary>Ends when the mount is gone (unmounted or aborted), all waiting requests are answered and the tree is told. Never faults.</summary>
    public Task Completed => completed.Task;

    /// <summary>
    /// Begins to serve. A successor first asks for what its predecessor had taken, before it takes anything itself: its own requests would come twice.
    /// </summary>
    /// <param name="root">The tree behind the mount.</param>
    /// <param name="session">What the dead predecessor on this descriptor had agreed on: the kernel sends INIT only once. Null: wait for INIT.</param>
    /// <exception cref="InvalidOperationException">Started before.</exception>
    public void Start(NodeTree root, FuseSession? session = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        postponed = new PostponedRequests(() => MakeRequest(Negotiated.Result, Statistics.NewCounters()));
        FuseDispatcher made = new(root, parking, postponed, options.Report);
        if (Interlocked.CompareExchange(ref dispatcher, made, null) is not null)
            throw new InvalidOperationException("The connection is started already.");

        if (session is not null)
        {
            negotiated.TrySetResult(session);
            if (session.Features.HasFlag(FuseFeatures.HasResend))
            {
                notifier.ResendNow();
            }
        }

        notifier.Start();
        running = 1;
        StartThread(0, () => ServeFirst(made, session));
    }

    /// <summary>
    /// Asks the kernel for every request that was taken and not answered (FUSE_NOTIFY_RESEND); they come with bit 63 in their number.
    /// </summary>
    /// <returns>
    /// False: nothing is negotiated yet, or the kernel does not know how (before Linux 6.9) and those clients wait until the connection
    /// is aborted.
    /// </returns>
    public bool Resend()
    {
        if (!Negotiated.IsCompletedSuccessfully || !Negotiated.Result.Features.HasFlag(FuseFeatures.HasResend))
            return false;

        notifier.Resend();
        return true;
    }

    /// <summary>After the mount was taken away: waits until the last request is answered and the threads have ended.</summary>
    /// <param name="limit">How long to wait.</param>
    /// <returns>False: still mounted, or a tree does not come back.</returns>
    public bool DrainAndStop(TimeSpan limit) => Completed.Wait(limit);

    private void StartThread(int number, ThreadStart run) =>
        new Thread(run) { IsBackground = true, Name = $"fuse {number}" }.Start();

    private void ServeFirst(FuseDispatcher dispatcher, FuseSession? session)
    {
        session ??= AwaitInit();
        if (session is null)
        {
            EndThread(dispatcher);
            return;
        }

        dispatcher.FoldersNeedNoOpen = session.FoldersNeedNoOpen;
        Interlocked.Add(ref running, options.Threads - 1);
        for (int i = 1; i < options.Threads; i++)
        {
            StartThread(i, () => Serve(dispatcher, session));
        }

        negotiated.TrySetResult(session);
        Serve(dispatcher, session);
    }

    private FuseSession? AwaitInit()
    {
        using NativeBuffer buffer = new(options.MaxWrite + HeadRoom);
        try
        {
            while (device.Read(buffer.Span, out int count) == Errno.Ok)
            {
                if (FuseHandshake.Answer(buffer.Span[..count], options, device) is { } session)
                    return session;
            }

            negotiated.TrySetException(new IOException("The mount went away before the kernel had agreed on a protocol."));
        }
        catch (NotSupportedException tooOld)
        {
            negotiated.TrySetException(tooOld);
        }

        return null;
    }

    private void Serve(FuseDispatcher dispatcher, FuseSession session)
    {
        using (NativeBuffer buffer = new((int)session.MaxWrite + HeadRoom))
        using (FuseRequest request = MakeRequest(session, Statistics.NewCounters()))
        {
            buffer.MakeResident();
            Errno error;
            while ((error = device.Read(buffer.Span, out int count)) == Errno.Ok)
            {
                dispatcher.Dispatch(buffer.Span[..count], request);
            }

            if (error != Errno.ENODEV)
            {
                options.Report(new IOException($"Reading from the FUSE device: {error}."), FuseOpcode.None);
            }
        }

        EndThread(dispatcher);
    }

    private FuseRequest MakeRequest(FuseSession session, OperationCounters counters) => new((int)session.MaxWrite + HeadRoom, device, late, parking, counters, parkedCounters);

    /// <summary>The last thread to end cleans up: nobody else uses the trees any more.</summary>
    private void EndThread(FuseDispatcher dispatcher)
    {
        if (Interlocked.Decrement(ref running) != 0)
            return;

        postponed!.Stop();
        parking.Close(Errno.ENODEV, options.Report);
        notifier.Stop();
        try
        {
            dispatcher.Destroy();
        }
        catch (Exception bug)
        {
            options.Report(bug, FuseOpcode.Destroy);
        }

        device.Dispose();
        completed.TrySetResult();
    }
}

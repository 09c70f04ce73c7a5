using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>
/// The notify worker: started with one end of a new channel, whose other end goes to fs. It is started again when it dies;
/// without it only inotify on generated files is missing.
/// </summary>
internal sealed class NotifyService(SupervisorOptions options, ServicePrograms programs, EventLoop loop, FsService fs, SupervisorLog log)
{
    /// <summary>Number of the channel's descriptor in the worker.</summary>
    internal const int ChannelDescriptor = 3;

    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);
    private readonly RestartBudget budget = new(perMinute: 5, TimeProvider.System);
    private ChildProcess? process;
    private DateTimeOffset startedAt;
    private string? unhardened;
    private int restarts;
    private bool wanted;

    /// <summary>Starts it; on the event loop, once fs serves.</summary>
    internal void Start()
    {
        wanted = true;
        if (process is not null)
        {
            return;
        }

        (SeqPacketSocket fsEnd, SeqPacketSocket workerEnd) = SeqPacketSocket.CreatePair();
        using (fsEnd)
        using (workerEnd)
        {
            SpawnPlan plan = new()
            {
                Program = programs.Notify[0],
                Arguments = [.. programs.Notify.Skip(1), "--mount", options.Mount],
                Output = FsService.StandardError,
            };
            ServiceEnvironment.Fill(plan.Environment);
            plan.Descriptors.Add((workerEnd.Descriptor, ChannelDescriptor));
            ChildProcess child = SessionKeyring.Outside(() => programs.Start("notify", plan, out unhardened)); // The key of fs is none of its business.
            process = child;
            startedAt = DateTimeOffset.UtcNow;
            _ = child.Exited.ContinueWith(end => loop.Post(() => OnEnded(child, end.Result)), TaskScheduler.Default);

            _ = fs.Send(FsFrame.NotifyLink, default, fsEnd.Descriptor);
        }
    }

    /// <summary>Kills it (it holds nothing that could be lost) and completes when it is gone.</summary>
    internal Task StopAsync()
    {
        wanted = false;
        process?.Signal(9);
        return process?.Exited ?? Task.CompletedTask;
    }

    /// <summary>Its line in the status.</summary>
    internal ServiceStatus Status() => new(
        "notify",
        process?.Id ?? 0,
        process is not null ? ServiceState.Running : wanted ? ServiceState.Restarting : ServiceState.Stopped,
        ProcessIdentity.Uid == 0 ? ServiceUsers.Notify : ProcessIdentity.Uid,
        restarts,
        startedAt)
    { Unhardened = process is null ? null : unhardened };

    private void OnEnded(ChildProcess child, ExitStatus status)
    {
        if (process != child)
        {
            return;
        }

        process = null;
        if (!wanted)
        {
            return;
        }

        log.NotifyEnded(status.Code);
        if (!budget.TryTake())
        {
            wanted = false;
            log.NotifyGivenUp();
            return;
        }

        loop.PostAfter(RestartDelay, () =>
        {
            if (wanted)
            {
                restarts++;
                Start();
            }
        });
    }
}

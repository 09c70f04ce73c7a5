using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>
/// The embed worker: started when fs asks for it, with one end of a new channel, whose other end goes to fs. fs alone knows what it embeds with and when it is worth another try;
/// here is only bounded how often that may be.
/// </summary>
/// <param name="place">Which of the workers it is, from 0; the others are the supervisor's own.</param>
/// <param name="options">What is served.</param>
/// <param name="programs">What is started.</param>
/// <param name="loop">Where it is decided.</param>
/// <param name="fs">Who gets the other end.</param>
/// <param name="log">Where it is told.</param>
internal sealed class EmbedService(byte place, SupervisorOptions options, ServicePrograms programs, EventLoop loop, FsService fs, SupervisorLog log)
{
    /// <summary>Number of the channel's descriptor in the worker.</summary>
    internal const int ChannelDescriptor = 3;

    /// <summary>How many there may be: the one in use, and the one that takes its place.</summary>
    internal const int Places = 2;

    private readonly RestartBudget budget = new(perMinute: 20, TimeProvider.System);
    private ChildProcess? process;
    private DateTimeOffset startedAt;
    private EmbedWish wish;
    private string? unhardened;
    private int restarts = -1;

    /// <summary>Does what fs asks: ends the worker that runs, and starts another if one is wanted. On the event loop.</summary>
    internal void Wish(EmbedWish wanted)
    {
        wish = wanted;
        if (process is { } old)
        {
            process = null;
            old.Signal(9);
        }
        if (wanted is EmbedWish.None)
        {
            restarts = -1;
            return;
        }
        // Over the budget nothing starts: fs asks again when no worker has come.
        if (wanted is EmbedWish.Local or EmbedWish.Remote && budget.TryTake())
        {
            Start(wanted);
        }
    }

    /// <summary>Kills it (it holds nothing that could be lost) and completes when it is gone.</summary>
    internal Task StopAsync()
    {
        wish = EmbedWish.None;
        process?.Signal(9);
        return process?.Exited ?? Task.CompletedTask;
    }

    /// <summary>Its line in the status; null while none is wanted.</summary>
    internal ServiceStatus? Status() => wish == EmbedWish.None ? null : new(
        place == 0 ? "embed" : "embed-next",
        process?.Id ?? 0,
        process is not null ? ServiceState.Running : ServiceState.Restarting,
        ProcessIdentity.Uid == 0 ? ServiceUsers.Embed : ProcessIdentity.Uid,
        Math.Max(0, restarts),
        startedAt)
    { Unhardened = process is null ? null : unhardened };

    private void Start(EmbedWish wanted)
    {
        (SeqPacketSocket fsEnd, SeqPacketSocket workerEnd) = SeqPacketSocket.CreatePair();
        using (fsEnd)
        using (workerEnd)
        {
            SpawnPlan plan = new()
            {
                Program = programs.Embed[0],
                Arguments = [.. programs.Embed.Skip(1), "--mount", options.Mount, .. wanted == EmbedWish.Remote ? (string[])["--network"] : []],
                Output = FsService.StandardError,
            };
            ServiceEnvironment.Fill(plan.Environment);
            if (wanted == EmbedWish.Remote)
            {
                ServiceEnvironment.PassEmbedKey(plan.Environment);
            }
            plan.Descriptors.Add((workerEnd.Descriptor, ChannelDescriptor));
            try
            {
                process = SessionKeyring.Outside(() => programs.Start(wanted == EmbedWish.Remote ? "embed-remote" : "embed", plan, out unhardened)); // The key of fs is none of its business.
            }
            catch (LinuxException missing)
            {
                log.EmbedNotStarted(missing.Message);
                return;
            }
            restarts++;
            startedAt = DateTimeOffset.UtcNow;
            ChildProcess child = process;
            _ = child.Exited.ContinueWith(end => loop.Post(() => OnEnded(child, end.Result)), TaskScheduler.Default);
            _ = fs.Send(FsFrame.EmbedLink, [place], fsEnd.Descriptor);
        }
    }

    private void OnEnded(ChildProcess child, ExitStatus status)
    {
        if (process == child)
        {
            process = null;
            log.EmbedEnded(status.Code);
        }
    }
}

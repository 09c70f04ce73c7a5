using System.Globalization;
using ClawFS.Linux;

namespace ClawFS.Supervisor;

/// <summary>
/// The guard process: started once fs serves, and again when it dies. It lives through restarts of fs, since sandboxes that it started end with it: whenever fs begins to serve, both
/// get the ends of a new channel.
/// </summary>
internal sealed class GuardService(SupervisorOptions options, ServicePrograms programs, EventLoop loop, FsService fs, SupervisorLog log)
{
    /// <summary>Number of the descriptor of the channel to the supervisor in guard.</summary>
    internal const int ChannelDescriptor = 3;

    private static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan UnbindLimit = TimeSpan.FromSeconds(2);

    private readonly RestartBudget budget = new(perMinute: 5, TimeProvider.System);
    private ChildProcess? process;
    private SeqPacketSocket? channel;
    private DateTimeOffset startedAt;
    private TaskCompletionSource unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int restarts;
    private string? unhardened;
    private bool wanted;

    /// <summary>Starts it if need be and joins it with fs; on the event loop, once fs serves.</summary>
    internal void Connect()
    {
        wanted = true;
        if (process is null && !TryStart())
        {
            return;
        }

        (SeqPacketSocket fsEnd, SeqPacketSocket guardEnd) = SeqPacketSocket.CreatePair();
        using (fsEnd)
        using (guardEnd)
        {
            // fs first: it has its end before guard says anything on the other.
            _ = fs.Send(FsFrame.GuardLink, default, fsEnd.Descriptor);
            _ = channel!.Send([(byte)GuardOrder.Link], guardEnd.Descriptor);
        }
    }

    /// <summary>Has it let go of the mount; completes when it has, or does not answer.</summary>
    internal Task UnbindAsync()
    {
        if (channel is null)
        {
            return Task.CompletedTask;
        }

        unbound = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = channel.Send([(byte)GuardOrder.Unbind]);
        return Task.WhenAny(unbound.Task, Task.Delay(UnbindLimit));
    }

    /// <summary>Kills it, and with it the sandboxes that it started.</summary>
    internal void Stop()
    {
        wanted = false;
        process?.Signal(9);
    }

    /// <summary>Its line in the status.</summary>
    internal ServiceStatus Status() => new(
        "guard",
        process?.Id ?? 0,
        process is not null ? ServiceState.Running : wanted ? ServiceState.Restarting : ServiceState.Stopped,
        ProcessIdentity.Uid,
        restarts,
        startedAt)
    { Unhardened = process is null ? null : unhardened };

    private bool TryStart()
    {
        (SeqPacketSocket own, SeqPacketSocket theirs) = SeqPacketSocket.CreatePair();
        using (theirs)
        {
            SpawnPlan plan = new()
            {
                Program = programs.Guard[0],
                Arguments =
                [
                    .. programs.Guard.Skip(1), "--mount", options.Mount,
                    "--owner-uid", options.OwnerUid.ToString(CultureInfo.InvariantCulture),
                    "--owner-gid", options.OwnerGid.ToString(CultureInfo.InvariantCulture),
                ],
                Output = FsService.StandardError,
            };
            ServiceEnvironment.Fill(plan.Environment);
            plan.Descriptors.Add((theirs.Descriptor, ChannelDescriptor));
            try
            {
                process = SessionKeyring.Outside(() => programs.Start("guard", plan, out unhardened)); // The key of fs is none of its business.
            }
            catch (LinuxException missing)
            {
                own.Dispose();
                log.GuardNotStarted(missing.Message);
                wanted = false;
                return false;
            }
        }

        channel = own;
        startedAt = DateTimeOffset.UtcNow;
        Listen(own, process);
        return true;
    }

    /// <summary>One thread for each life of guard: it reads until the end, then waits for the exit status.</summary>
    private void Listen(SeqPacketSocket socket, ChildProcess child) => new Thread(() =>
    {
        using (socket)
        {
            Span<byte> buffer = stackalloc byte[16];
            while (Receive(socket, buffer) > 0)
            {
                if (buffer[0] == (byte)GuardOrder.Unbound)
                {
                    loop.Post(() => unbound.TrySetResult());
                }
            }

            child.Signal(9); // It has closed its end, or said what it never says.
            ExitStatus status = child.WaitForExit();
            loop.Post(() => OnEnded(child, status));
        }
    })
    { IsBackground = true, Name = "guard channel" }.Start();

    private static int Receive(SeqPacketSocket socket, Span<byte> buffer)
    {
        try
        {
            return socket.Receive(buffer);
        }
        catch (IOException)
        {
            return 0; // A message that is too long: guard is not what it should be.
        }
    }

    private void OnEnded(ChildProcess child, ExitStatus status)
    {
        if (process != child)
        {
            return;
        }

        process = null;
        channel = null;
        unbound.TrySetResult();
        if (!wanted)
        {
            return;
        }

        log.GuardEnded(status.Code);
        if (!budget.TryTake())
        {
            wanted = false;
            log.GuardGivenUp();
            return;
        }

        loop.PostAfter(RestartDelay, () =>
        {
            if (wanted && process is null)
            {
                restarts++;
                Connect();
            }
        });
    }
}

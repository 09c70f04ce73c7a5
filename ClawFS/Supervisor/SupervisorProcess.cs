using System.Text.Json;
using ClawFS.Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace ClawFS.Supervisor;

/// <summary>
/// The supervisor: mounts, starts fs and notify, keeps them running, and answers on the control socket. It holds the mount and
/// no key, looks at nothing below the mount point, and parses nothing but its control lines.
/// </summary>
/// <remarks>
/// fs opens its store before anything is mounted, so a wrong key never leaves a partial mount. All decisions are taken on the
/// thread of <see cref="EventLoop"/>. Going down is in SupervisorProcess.Down.cs.
/// </remarks>
public sealed partial class SupervisorProcess : IDisposable
{
    /// <summary>claw's exit code for a wrong or missing key.</summary>
    private const int NoKeyCode = 3;

    private static readonly TimeSpan FsRestartDelay = TimeSpan.FromMilliseconds(200);

    private readonly SupervisorOptions options;
    private readonly EventLoop loop = new();
    private readonly SupervisorLog log;
    private readonly MountPoint mount;
    private readonly FsService fs;
    private readonly NotifyService notify;
    private readonly EmbedService[] embed;
    private readonly GuardService guard;
    private readonly StartReport report;
    private readonly RestartBudget budget;
    private readonly DateTimeOffset startedAt = DateTimeOffset.UtcNow;
    private ServiceState state = ServiceState.Starting;
    private string? message;
    private byte[]? session;
    private int failureCode = 1;
    private int fsRestarts;
    private int exitCode;
    private bool killed;
    private bool kernelKeys;
    private bool locked;

    private SupervisorProcess(SupervisorOptions options, ServicePrograms programs, SafeFileHandle reportPipe, ILogger logger)
    {
        this.options = options;
        budget = new RestartBudget(options.FsRestartsPerMinute, TimeProvider.System);
        log = new SupervisorLog(logger);
        report = new StartReport(reportPipe);
        mount = new MountPoint(options);
        fs = new FsService(options, programs, loop) { Said = OnFsSaid, Ended = OnFsEnded };
        notify = new NotifyService(options, programs, loop, fs, log);
        guard = new GuardService(options, programs, loop, fs, log);
        embed = [.. Enumerable.Range(0, EmbedService.Places).Select(place => new EmbedService((byte)place, options, programs, loop, fs, log))];
    }

    /// <summary>Runs a supervisor until its mount is gone.</summary>
    /// <param name="options">What it serves.</param>
    /// <param name="programs">What it starts.</param>
    /// <param name="reportPipe">Where the start is reported.</param>
    /// <param name="credential">What fs reads its credential from.</param>
    /// <param name="logger">Its log.</param>
    /// <returns>claw's exit code: 0 after a clean end, else fs's code.</returns>
    public static int Run(SupervisorOptions options, ServicePrograms programs, SafeFileHandle reportPipe, SafeFileHandle credential, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ProcessLimits.NoCoreDumps();
        using SupervisorProcess supervisor = new(options, programs, reportPipe, logger);
        supervisor.StartKeyring();
        using ControlServer control = new(StateFolder.ControlSocket(options.StateFolder), supervisor.OnControl);
        _ = control.ServeAsync();
        using IDisposable signals = supervisor.WatchSignals();
        supervisor.loop.Post(() => supervisor.StartFs(options.Credential, credential));
        supervisor.loop.Run();
        File.Delete(StateFolder.MountFile(options.StateFolder)); // Not after an exception: claw down must find what is left.
        return supervisor.exitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        report.Dispose();
        loop.Dispose();
    }

    /// <summary>On the thread that starts the services, which share the keyring; a service's key goes with the last of them.</summary>
    private void StartKeyring()
    {
        kernelKeys = SessionKeyring.TryStart(out Errno error);
        if (!kernelKeys)
        {
            log.NoKernelKeys(error);
        }
    }

    private void StartFs(string kind, SafeFileHandle credential)
    {
        fs.Start(kind, credential, kernelKeys, session);
        if (fs.Unhardened is { } why)
        {
            log.Unhardened("fs", why);
        }

        WriteState();
    }

    private void OnFsSaid(FsMessage said)
    {
        switch (said.Frame)
        {
            case FsFrame.Opened:
                Attach();
                break;
            case FsFrame.Session:
                session = said.Body;
                break;
            case FsFrame.Ready:
                OnReady();
                break;
            case FsFrame.Locked:
                OnLocked(said.Body is [1]);
                break;
            case FsFrame.Failed:
                failureCode = said.Body.Length > 0 ? said.Body[0] : 1;
                message = said.Body.Length > 1 ? System.Text.Encoding.UTF8.GetString(said.Body, 1, said.Body.Length - 1) : null;
                break;
            case FsFrame.Embed:
                OnEmbedWanted(said.Body);
                break;
            case FsFrame.Committed:
                committed.TrySetResult();
                break;
            case FsFrame.Progress:
                report.Progress(said.Text);
                TellWaiting(new ControlReply { Progress = said.Text });
                break;
            default:
                said.Descriptor?.Dispose();
                break;
        }
    }

    private void Attach()
    {
        if (state == ServiceState.Stopping)
        {
            _ = fs.Send(FsFrame.Leave);
            return;
        }

        if (session is not null && mount.Connection is { } connection)
        {
            _ = fs.Send(FsFrame.Serve, default, connection);
            return;
        }

        try
        {
            _ = fs.Send(FsFrame.Serve, default, mount.Attach());
        }
        catch (IOException error)
        {
            message = error.Message;
            mount.Abort();
            _ = fs.Send(FsFrame.Leave);
        }
    }

    private void OnReady()
    {
        mount.SetReadAhead();
        notify.Start();
        guard.Connect();
        if (state is ServiceState.Starting or ServiceState.Restarting)
        {
            state = ServiceState.Running;
        }

        message = null;
        log.Mounted(options.Mount, options.Store, fs.Pid);
        WriteState();
        report.End(new ControlReply { Status = Status() });
    }

    private void OnLocked(bool now)
    {
        if (now && !locked)
        {
            log.Locked();
        }

        locked = now;
        if (state == ServiceState.Running)
        {
            WriteState();
        }
    }

    private void OnEmbedWanted(byte[] body)
    {
        bool serves = state is ServiceState.Starting or ServiceState.Restarting or ServiceState.Running;
        if (serves && body is [< EmbedService.Places and var place, <= (byte)EmbedWish.Remote and var wish])
        {
            embed[place].Wish((EmbedWish)wish);
            WriteState();
        }
    }

    private void StopEmbed() => Array.ForEach(embed, static worker => _ = worker.StopAsync());

    private void OnFsEnded(ExitStatus status)
    {
        switch (state)
        {
            case ServiceState.Starting:
                mount.Abort();
                message ??= $"fs ended with code {status.Code} while it started; its log is {StateFolder.LogFile(options.StateFolder)}";
                log.FsRefused(message);
                report.End(new ControlReply { Error = message, Code = failureCode });
                End(failureCode);
                break;
            case ServiceState.Stopping:
                mount.Abort(); // Nothing is left to abort after a clean unmount.
                EndStopped(status);
                break;
            case ServiceState.Running when status.Code == 0:
                log.UnmountedOutside();
                End(0);
                break;
            default:
                Recover(status);
                break;
        }
    }

    /// <summary>
    /// The successor gets the same descriptor and asks the kernel again for what was under way, so that programs in the mount go on. Where that cannot be
    /// (an older kernel, one death after the other), everybody who waits in the mount would wait for ever: then the connection is aborted.
    /// The store's journal has everything that fs had answered.
    /// </summary>
    private void Recover(ExitStatus status)
    {
        log.FsEnded(status.Code);
        _ = notify.StopAsync();
        StopEmbed();
        string? reason = failureCode == NoKeyCode ? message
            : !budget.TryTake() ? $"it ended more than {options.FsRestartsPerMinute} times in a minute{(message is null ? "" : ": " + message)}"
            : null;
        if (reason is not null || session is null)
        {
            log.NoTakeOver(reason ?? "before Linux 6.9 a restarted fs cannot ask again for requests under way");
            mount.Abort();
            session = null;
        }

        if (reason is not null)
        {
            state = ServiceState.Failed;
            message = reason;
            log.FsGivenUp(reason);
            WriteState();
            return;
        }

        state = ServiceState.Restarting;
        fsRestarts++;
        WriteState();
        loop.PostAfter(FsRestartDelay, Restart);
    }

    private void Restart()
    {
        if (state != ServiceState.Restarting)
        {
            return;
        }

        if (session is null)
        {
            log.FsRestarting();
        }
        else
        {
            log.FsTakingOver();
        }

        message = null;
        failureCode = 1;
        (string kind, SafeFileHandle credential) = OpenCredential();
        StartFs(kind, credential);
    }

    /// <summary>
    /// The key file, opened and never read; without one fs has the kernel's keyring to look into. What was locked stays locked: a crash is no claw unlock.
    /// </summary>
    private (string Kind, SafeFileHandle Credential) OpenCredential()
    {
        try
        {
            if (!locked && options.KeyFile is { } file)
            {
                return (SupervisorOptions.KeyFileCredential, File.OpenHandle(file));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.NoKeyFile(error.Message);
        }

        return (SupervisorOptions.NoCredential, File.OpenHandle("/dev/null"));
    }

    private StatusReport Status() => new()
    {
        Mount = options.Mount,
        Store = options.Store,
        State = Shown(state),
        ReadOnly = options.ReadOnly,
        OwnerUid = options.OwnerUid,
        Message = message ?? (Shown(state) == ServiceState.Locked ? "stored files answer ENOKEY; claw unlock gives fs its key" : null),
        Services =
        [
            new ServiceStatus("supervisor", Environment.ProcessId, ServiceState.Running, ProcessIdentity.Uid, 0, startedAt),
            new ServiceStatus(
                "fs",
                fs.Pid,
                fs.Pid == 0 && state == ServiceState.Running ? ServiceState.Restarting : Shown(state),
                ProcessIdentity.Uid == 0 ? ServiceUsers.Fs : ProcessIdentity.Uid,
                fsRestarts,
                fs.StartedAt)
            { Unhardened = fs.Pid == 0 ? null : fs.Unhardened },
            notify.Status(),
            guard.Status(),
            .. embed.Select(static worker => worker.Status()).OfType<ServiceStatus>(),
        ],
    };

    private ServiceState Shown(ServiceState now) => now == ServiceState.Running && locked ? ServiceState.Locked : now;

    /// <summary>Leaves the pids where `claw down` finds them should this process be killed.</summary>
    private void WriteState()
    {
        string path = StateFolder.MountFile(options.StateFolder);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(Status(), ControlJson.Default.StatusReport));
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>A fs that failed on its way out lost nothing, but whoever asked must hear of it.</summary>
    private void EndStopped(ExitStatus status)
    {
        if (status.Code != 0 && !killed)
        {
            message ??= $"fs ended with code {status.Code} while it closed the store; claw fsck tells whether all is well";
            End(failureCode);
            return;
        }

        End(0);
    }

    private void End(int code)
    {
        _ = notify.StopAsync();
        guard.Stop();
        StopEmbed();
        mount.Release();
        exitCode = code;
        state = ServiceState.Stopped;
        log.Down();
        TellWaiting(new ControlReply { Done = true, Error = code == 0 ? null : message, Code = code });
        waiting.Clear();
        loop.End();
    }
}

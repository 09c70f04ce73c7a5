using System.Runtime.InteropServices;
using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClawFS.Supervisor;

public sealed partial class SupervisorProcess
{
    private static readonly TimeSpan UnmountRetry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ForcedLimit = TimeSpan.FromSeconds(10);

    // Those who asked for down and wait for its end.
    private readonly List<Action<ControlReply>> waiting = [];
    private TaskCompletionSource committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void OnControl(ControlRequest request, Action<ControlReply> reply) => loop.Post(() =>
    {
        switch (request.Command)
        {
            case "ping":
                reply(new ControlReply { Done = true });
                break;
            case "status":
                reply(new ControlReply { Done = true, Status = Status() });
                break;
            case "down":
                waiting.Add(reply);
                BeginDown(request, "asked on the control socket");
                break;
            default:
                reply(new ControlReply { Done = true, Error = $"no command '{request.Command}'", Code = 2 });
                break;
        }
    });

    private void BeginDown(ControlRequest request, string why)
    {
        log.GoingDown(why);
        switch (state)
        {
            case ServiceState.Running:
                state = ServiceState.Stopping;
                WriteState();
                _ = UnmountAsync(request);
                break;
            case ServiceState.Stopping when request.Force:
                _ = ForceAsync();
                break;
            case ServiceState.Stopping:
                break; // It is on its way: this caller waits with the others.
            case ServiceState.Starting:
                state = ServiceState.Stopping;
                report.End(new ControlReply { Error = "taken down while it started", Code = 1 });
                mount.Abort();
                KillFs();
                break;
            default:
                state = ServiceState.Stopping;
                mount.Abort();
                if (fs.Pid != 0)
                {
                    KillFs();
                }
                else
                {
                    End(0);
                }

                break;
        }
    }

    /// <summary>The clean way: without its own worker in the mount, unmount as soon as nobody uses it; then fs commits and exits.</summary>
    private async Task UnmountAsync(ControlRequest request)
    {
        TellWaiting(new ControlReply { Progress = "unmounting" });
        await notify.StopAsync();
        await guard.UnbindAsync();
        long until = Environment.TickCount64 + request.PatienceMs;
        Errno result;
        while ((result = await Task.Run(mount.TryDetach)) == Errno.EBUSY && Environment.TickCount64 < until)
        {
            await Task.Delay(UnmountRetry);
        }

        loop.Post(() => OnUnmounted(result, request.Force));
    }

    private void OnUnmounted(Errno result, bool force)
    {
        if (state != ServiceState.Stopping)
        {
            return;
        }

        if (result is Errno.Ok or Errno.EINVAL)
        {
            mount.Release();
            TellWaiting(new ControlReply { Progress = "committing" });
        }
        else if (force)
        {
            _ = ForceAsync();
        }
        else
        {
            log.Busy();
            state = ServiceState.Running;
            notify.Start();
            guard.Connect();
            WriteState();
            TellWaiting(new ControlReply { Done = true, Busy = result == Errno.EBUSY, Error = $"{options.Mount}: {(result == Errno.EBUSY ? "in use" : result.ToString())}", Code = 1 });
            waiting.Clear();
        }
    }

    /// <summary>
    /// The hard way: what was answered is made durable first, then the connection ends for all who use it. A hung fs is
    /// killed; its journal is whole all the same.
    /// </summary>
    private async Task ForceAsync()
    {
        TellWaiting(new ControlReply { Progress = "committing, then ending all access" });
        committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (fs.Send(FsFrame.Commit))
        {
            await Task.WhenAny(committed.Task, Task.Delay(ForcedLimit));
        }

        await Task.Run(mount.Abort);
        loop.Post(log.Forced);
        loop.PostAfter(ForcedLimit, () =>
        {
            if (state == ServiceState.Stopping)
            {
                KillFs();
            }
        });
    }

    private void KillFs()
    {
        killed = true;
        fs.Kill();
    }

    private void TellWaiting(ControlReply reply) => waiting.ForEach(tell => tell(reply));

    /// <summary>Signals and a lost leash take the mount down; programs in it do not hold up a machine that stops.</summary>
    private SignalWatch WatchSignals()
    {
        void Down(string why) => loop.Post(() => BeginDown(new ControlRequest { Command = "down", Force = true }, why));
        if (options.Leash)
        {
            new Thread(() =>
            {
                using SafeFileHandle leash = new(SupervisorOptions.LeashDescriptor, ownsHandle: true);
                _ = Pipe.ReadToEnd(leash, stackalloc byte[1]);
                Down("the foreground process ended");
            })
            { IsBackground = true, Name = "leash" }.Start();
        }

        return new SignalWatch(Down);
    }

    /// <summary>SIGTERM and SIGINT as events; SIGHUP is no reason to end a service.</summary>
    private sealed class SignalWatch : IDisposable
    {
        private readonly PosixSignalRegistration[] registrations;

        internal SignalWatch(Action<string> down)
        {
            registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Handle(context)),
                PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Handle(context)),
                PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true),
            ];

            void Handle(PosixSignalContext context)
            {
                context.Cancel = true;
                down(context.Signal.ToString());
            }
        }

        public void Dispose() => Array.ForEach(registrations, registration => registration.Dispose());
    }
}

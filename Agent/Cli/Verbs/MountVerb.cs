using System.CommandLine;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw mount: like up, but stays in the foreground and takes the mount down when it ends.</summary>
internal static class MountVerb
{
    private static readonly TimeSpan DownLimit = TimeSpan.FromMinutes(2);

    internal static Command Build()
    {
        Verb verb = new(
            "mount",
            "Mount an existing store in the foreground; Ctrl-C takes it down.",
            "claw mount /tmp/claw --store /tmp/store",
            "claw mount /mnt --store /backup/store --read-only");
        MountOptions options = new(verb);
        Option<bool> readOnly = new("--read-only") { Description = "write nothing to the store, not even its journal: for old backups" };
        verb.Add(readOnly);
        verb.SetAction(async (parsed, cancellation) => await RunAsync(options, readOnly, parsed, cancellation));
        return verb;
    }

    private static async Task<int> RunAsync(MountOptions options, Option<bool> readOnly, ParseResult parsed, CancellationToken cancellation)
    {
        MountOptions.RequireFuse();
        KnownMount mount = options.Mount(parsed);
        using IDisposable turn = await StartTurn.TakeAsync(mount, cancellation);
        if (await MountStart.FindRunningAsync(options, parsed, mount) is not null)
        {
            throw new CliException(ExitCodes.InUse, $"{mount.MountPoint}: is mounted already; claw down {mount.MountPoint} first");
        }

        string store = options.Store(parsed);
        OfflineStore.Require(store);
        options.PrepareFolders(parsed, mount);
        SecretSource secret = options.Credentials.Resolve(parsed, store);

        // When this process ends, however it ends, its end of the pipe closes, and the supervisor goes down.
        using Pipe leash = Pipe.Create();
        StatusReport status = await MountStart.StartAsync(
            options.ForSupervisor(parsed, mount, secret, parsed.GetValue(readOnly), leash: true), secret, leash.Reader);
        turn.Dispose();
        Out.Line($"{status.Mount} is ready{(status.ReadOnly ? ", read-only" : "")}; Ctrl-C takes it down");
        using RunningProcess? supervisor = RunningProcess.TryOpen(status.Services[0].Pid);
        while (supervisor is not null && !supervisor.WaitForExit(TimeSpan.FromMilliseconds(200)))
        {
            if (cancellation.IsCancellationRequested)
            {
                await DownVerb.TakeDownAsync(mount, force: true, DownLimit);
                break;
            }
        }

        return ExitCodes.Ok;
    }
}

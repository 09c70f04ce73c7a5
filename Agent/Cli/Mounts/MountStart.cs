using System.CommandLine;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Stores;
using ClawOS.Cli.Terminal;
using Microsoft.Win32.SafeHandles;

namespace ClawOS.Cli.Mounts;

/// <summary>The way from a command line to a ready mount: what `up` and `mount` share.</summary>
internal static class MountStart
{
    private static readonly TimeSpan ClearLimit = TimeSpan.FromSeconds(30);

    /// <summary>The state of the mount when it is up already with the same store, else null; a dead one is cleared away.</summary>
    /// <exception cref="CliException">It is up with another store.</exception>
    internal static async Task<StatusReport?> FindRunningAsync(MountOptions options, ParseResult parsed, KnownMount mount)
    {
        StatusReport? status = await mount.AskStatusAsync();
        if (status is { State: ServiceState.Running or ServiceState.Locked or ServiceState.Starting or ServiceState.Restarting })
        {
            string wanted = options.Store(parsed);
            return status.Store == wanted
                ? status
                : throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}: is mounted from {status.Store}, not from {wanted}; claw down {mount.MountPoint} first");
        }

        if (status is not null)
        {
            _ = await mount.AskAsync(new ControlRequest { Command = "down", Force = true }, ClearLimit);
        }

        if (mount.IsMounted || mount.ReadLastState() is not null)
        {
            Out.Warn($"{mount.MountPoint}: clearing away a mount that was not taken down");
            _ = await StaleMount.ClearAsync(mount, force: false, ClearLimit, _ => { });
        }

        return null;
    }

    /// <summary>Starts the services and waits until they are ready.</summary>
    internal static Task<StatusReport> StartAsync(SupervisorOptions options, SecretSource secret, SafeFileHandle? leash) =>
        Out.WithProgressAsync($"mounting {options.Mount}", async progress =>
            await MountLauncher.StartAsync(options, secret.ToDescriptor(), leash, progress));

    /// <summary>Says once, at the creation of a store, what the owner must know.</summary>
    internal static void Tell(NewStore made, string store)
    {
        Out.Line($"Made a new store in {store}");
        if (made.Secret.KeyFilePath is { } keyFile)
        {
            Out.Line($"  Key file: {keyFile}");
            Out.Line("  Whoever has it can read the store; without it (and without the code below) the data is gone. Back it up apart from the store.");
        }

        Out.Line($"  Recovery code, shown this once: {made.RecoveryCode}");
        Out.Line("  It opens the store without the other key: claw up --recovery. Write it down.");
        Out.Line();
    }

    /// <summary>Names optional parts that this machine lacks, with the line that brings them.</summary>
    internal static void TellMissingParts(StatusReport status)
    {
        foreach (IGrouping<string?, ServiceStatus> same in status.Services.Where(service => service.Unhardened is not null).GroupBy(service => service.Unhardened))
        {
            Out.Warn($"{string.Join(", ", same.Select(service => service.Name))}: without the limits that services have: {same.Key} (claw doctor)");
        }

        if (ProcessIdentity.Uid != 0)
        {
            Out.Line("Not running as root: the services run under your own user, and pages of the key may be limited by ulimit -l (claw doctor).");
        }
    }
}

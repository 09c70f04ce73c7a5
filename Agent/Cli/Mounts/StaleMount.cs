using ClawFS.Linux;
using ClawFS.Supervisor;

namespace ClawOS.Cli.Mounts;

/// <summary>
/// Clears up after a supervisor that was killed: the mount may be dead ("Transport endpoint is not connected"), or fs may
/// still serve it alone.
/// </summary>
internal static class StaleMount
{
    private const int Sigkill = 9;
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Takes the mount away and waits for its services.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="force">Ends the access of programs that use it.</param>
    /// <param name="limit">How long to wait for fs to commit and exit.</param>
    /// <param name="progress">Told what is done.</param>
    /// <returns>Whether there was anything to clear.</returns>
    /// <exception cref="CliException">It is in use, or fs does not end.</exception>
    internal static async Task<bool> ClearAsync(KnownMount mount, bool force, TimeSpan limit, Action<string> progress)
    {
        StatusReport? last = mount.ReadLastState();
        List<RunningProcess> alive = [];
        try
        {
            foreach (ServiceStatus service in last?.Services ?? [])
            {
                if (ServiceProcess.TryOpen(service, mount.MountPoint) is not { } process)
                {
                    continue;
                }

                if (service.Name == "fs")
                {
                    alive.Add(process);
                    continue;
                }

                // A supervisor that does not answer and a worker that nobody leads: neither holds anything.
                using (process)
                {
                    _ = process.Signal(Sigkill);
                    _ = process.WaitForExit(Patience);
                }
            }

            bool mounted = mount.IsMounted;
            if (mounted)
            {
                progress("unmounting");
                await UnmountAsync(mount, alive.Count > 0, force);
            }

            if (alive.Count > 0)
            {
                progress("waiting for fs to commit");
                await WaitAsync(alive[0], force, limit);
            }

            mount.Forget();
            return mounted || alive.Count > 0 || last is not null;
        }
        finally
        {
            alive.ForEach(process => process.Dispose());
        }
    }

    /// <summary>With a live fs the clean way is tried first; without one there is nothing left to write back to.</summary>
    private static async Task UnmountAsync(KnownMount mount, bool served, bool force)
    {
        long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (served)
        {
            if (Unmount(mount.MountPoint, UnmountMode.WhenIdle))
            {
                return;
            }

            if (Environment.TickCount64 >= until)
            {
                break;
            }

            await Task.Delay(Retry);
        }

        if (served && !force)
        {
            throw Busy(mount.MountPoint);
        }

        // Several mounts may lie on top of each other after several crashes.
        while (mount.IsMounted)
        {
            if (!Unmount(mount.MountPoint, served ? UnmountMode.Abort : UnmountMode.Detach))
            {
                throw new CliException(ExitCodes.Failed, $"{mount.MountPoint}: cannot be unmounted by this user; try sudo");
            }
        }
    }

    /// <summary>The error for a mount that programs use.</summary>
    internal static CliException Busy(string mountPoint)
    {
        IReadOnlyList<string> users = MountUsers.Of(mountPoint);
        return new CliException(
            ExitCodes.Failed,
            $"{mountPoint}: in use{(users.Count > 0 ? " by " + string.Join(", ", users) : "")}; close what is open there, or claw down --force ends its access");
    }

    private static async Task WaitAsync(RunningProcess fs, bool force, TimeSpan limit)
    {
        if (await Task.Run(() => fs.WaitForExit(limit)))
        {
            return;
        }

        if (!force)
        {
            throw new CliException(ExitCodes.Failed, $"fs (pid {fs.Id}): still not done after {limit.TotalSeconds:0} s; wait, or claw down --force kills it");
        }

        _ = fs.Signal(Sigkill);
        _ = fs.WaitForExit(Patience);
    }

    private static bool Unmount(string mountPoint, UnmountMode mode) => ProcessIdentity.Uid == 0
        ? FuseMount.Unmount(mountPoint, mode) == Errno.Ok
        : FuserMount.Unmount(mountPoint, lazy: mode != UnmountMode.WhenIdle, out _);
}

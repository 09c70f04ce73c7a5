using System.CommandLine;
using ClawFS.Linux;
using ClawFS.Supervisor;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;

namespace ClawOS.Cli.Verbs;

/// <summary>claw down: unmounts, waits until all is saved and the services have ended; also after any crash.</summary>
internal static class DownVerb
{
    internal static Command Build()
    {
        Verb verb = new(
            "down",
            "Take a mount down: what was written is saved, then the services end. Works after a crash, too.",
            "claw down",
            "claw down /tmp/claw --force");
        Argument<string?> directory = new("DIR") { Description = "the mount point; the only mount if not given", Arity = ArgumentArity.ZeroOrOne };
        Option<int> timeout = new("--timeout") { Description = "seconds to wait for the store to be saved", DefaultValueFactory = _ => 120, HelpName = "SECONDS" };
        Option<bool> force = new("--force") { Description = "end the access of programs that still use the mount" };
        verb.Add(directory);
        verb.Add(timeout);
        verb.Add(force);
        verb.SetAction(async (parsed, _) =>
        {
            KnownMount mount = KnownMount.Choose(parsed.GetValue(directory));
            await TakeDownAsync(mount, parsed.GetValue(force), TimeSpan.FromSeconds(parsed.GetValue(timeout)));
            Out.Line($"{mount.MountPoint} is down");
            return ExitCodes.Ok;
        });
        return verb;
    }

    /// <summary>Takes a mount down through its supervisor, or without one.</summary>
    /// <exception cref="CliException">It is in use, not mounted, or fs does not end in time.</exception>
    internal static Task TakeDownAsync(KnownMount mount, bool force, TimeSpan limit) =>
        Out.WithProgressAsync($"taking {mount.MountPoint} down", async progress =>
        {
            await DownAsync(mount, force, limit, progress);
            return true;
        });

    private static async Task DownAsync(KnownMount mount, bool force, TimeSpan limit, Action<string> progress)
    {
        int supervisor = (mount.ReadLastState()?.Services.FirstOrDefault(service => service.Name == "supervisor")?.Pid).GetValueOrDefault();
        using RunningProcess? process = RunningProcess.TryOpen(supervisor);
        ControlReply? reply = null;
        try
        {
            reply = await mount.AskAsync(new ControlRequest { Command = "down", Force = force, PatienceMs = force ? 1000 : 5000 }, limit, progress);
        }
        catch (TimeoutException) when (force)
        {
            progress("the supervisor does not answer");
        }
        catch (TimeoutException)
        {
            throw new CliException(
                ExitCodes.Failed,
                $"{mount.MountPoint}: not down after {limit.TotalSeconds:0} s; it goes on, look with claw status, or claw down --force");
        }

        switch (reply)
        {
            case { Busy: true }:
                throw StaleMount.Busy(mount.MountPoint);
            case { Error: { } error }:
                throw new CliException(reply.Code, error);
            case { Done: true }:
                // The reply comes a moment before the end; a caller that starts anew must find nothing of the old.
                _ = process?.WaitForExit(TimeSpan.FromSeconds(5));
                return;
            default:
                if (!await StaleMount.ClearAsync(mount, force, limit, progress))
                {
                    throw new CliException(ExitCodes.NotFound, $"{mount.MountPoint}: is not mounted");
                }

                return;
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace ClawOS.Cli.Sandboxes;

/// <summary>
/// A sandbox's /claw, for as long as this process lives: fs publishes it while a descriptor of sys/ctl is open. When fs dies, its successor shows the view at once and is
/// told within a minute that it is still wanted.
/// </summary>
internal sealed class HeldView
{
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(15), Pause = TimeSpan.FromMilliseconds(200), RetryLimit = TimeSpan.FromSeconds(50);

    private readonly KnownMount mount;

    private HeldView(KnownMount mount, bool hasLaunch) =>
        (this.mount, HasLaunch, View) = (mount, hasLaunch, new ClawView(mount.MountPoint, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))));

    /// <summary>What the plan is made with.</summary>
    internal ClawView View { get; }

    /// <summary>Whether it has the place of a launch socket: guard knows the policies of its own mount, and binds there when the sandbox is registered.</summary>
    internal bool HasLaunch { get; }

    /// <summary>A view for a policy that grants something of /claw or has something to ask for at a launch socket; null for others, and where nothing is mounted.</summary>
    /// <param name="policy">What is granted.</param>
    /// <param name="known">The mount whose policy it is; null: of none.</param>
    /// <param name="directory">The mount that is meant; null: the only one.</param>
    /// <exception cref="CliException">Several are mounted and none is named, or none is where one is named.</exception>
    internal static HeldView? For(EffectivePolicy policy, string? known, string? directory)
    {
        if (!policy.UsesClaw && !(policy.UsesLaunchSocket && known is not null))
        {
            return null;
        }

        KnownMount[] mounted = [.. KnownMount.All().Where(known => known.IsMounted)];
        return directory is null && mounted.Length == 0 ? null
            : directory is null && mounted.Length == 1 ? Of(mounted[0])
            : Of(KnownMount.Choose(directory));

        HeldView Of(KnownMount chosen) => new(chosen, policy.UsesLaunchSocket && chosen.MountPoint == known);
    }

    /// <summary>Opens it, and keeps it open.</summary>
    /// <exception cref="CliException">fs does not open it.</exception>
    internal void Open(IReadOnlyList<ClawGrant> grants)
    {
        JsonObject request = new()
        {
            ["command"] = "view-open",
            ["id"] = View.Id,
            ["launch"] = HasLaunch,
            ["grants"] = new JsonArray([.. grants.Select(grant => new JsonObject { ["path"] = grant.Path, ["folder"] = grant.IsFolder })]),
        };
        TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = HoldAsync(request, opened);
        if (!opened.Task.Wait(OpenLimit))
        {
            throw new CliException(ExitCodes.NotStarted, $"{mount.MountPoint}: does not open a view; claw status tells whether fs runs");
        }
    }

    private async Task HoldAsync(JsonObject request, TaskCompletionSource opened)
    {
        DateTime giveUp = DateTime.UtcNow + RetryLimit;
        while (true)
        {
            try
            {
                _ = await new FsControl(mount).AskAsync(request, said =>
                {
                    giveUp = DateTime.MaxValue;
                    _ = opened.TrySetResult();
                });
                return;
            }
            catch (Exception error) when (error is CliException or IOException)
            {
                if (!opened.Task.IsCompleted)
                {
                    _ = opened.TrySetException(error);
                    return;
                }

                // fs has died: the mount lives on with another one.
                giveUp = giveUp == DateTime.MaxValue ? DateTime.UtcNow + RetryLimit : giveUp;
                if (DateTime.UtcNow > giveUp)
                {
                    Out.Warn($"run: the view of {mount.MountPoint} is lost: {error.Message}");
                    return;
                }

                await Task.Delay(Pause);
            }
        }
    }
}

using System.Globalization;
using ClawOS.Cli.Mounts;
using ClawOS.Cli.Terminal;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace ClawOS.Cli.Sandboxes;

/// <summary>The owner's yes to a command that `claw run` is about to start: asked through guard, looked at again right before the start, good once. Ctrl-C withdraws the question.</summary>
internal sealed class OwnerQuestion : IDisposable
{
    /// <summary>`claw up` does not wait for guard, which is there a moment later.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly AskedOwner asked;
    private readonly BoundCommand bound;
    private bool isUsed;

    private OwnerQuestion(AskedOwner asked, BoundCommand bound) => (this.asked, this.bound) = (asked, bound);

    /// <summary>What the yes is to.</summary>
    internal ApprovedLaunch Launch => bound.Launch;

    /// <summary>The mount whose owner is asked: the named one, or the only one that is up; null when there is none, or several.</summary>
    internal static string? PlaceOf(string? named) =>
        named is not null ? RealPath.Of(named) : KnownMount.All().Where(static known => known.IsMounted).ToArray() is [var only] ? only.MountPoint : null;

    /// <summary>Asks, says on standard error that it waits, and waits.</summary>
    /// <param name="mount">The mount whose owner is asked; null: there is none.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="launch">What needs approval.</param>
    /// <param name="request">The command; its folder is the workspace.</param>
    /// <exception cref="CliException">There is no yes, or nobody to ask.</exception>
    internal static OwnerQuestion Ask(string? mount, EffectivePolicy policy, ApprovedLaunch launch, SandboxRequest request)
    {
        if (mount is null)
        {
            throw new CliException(ExitCodes.NotStarted, $"{launch.Program}: needs your yes ({launch.Source}), which is asked through a mount, and none is up, or several are; claw up, or --mount DIR");
        }

        try
        {
            BoundCommand bound = BoundCommand.Bind(policy, launch, request.Folder!, request.Folder!);
            AskedOwner asked = AskedOwner.Ask(mount, [.. bound.Fields, CardField.Of("variables", [.. request.Environment.Keys])], Patience);
            Out.Warn($"run: waits for your yes: claw approve {asked.Id} (in another terminal), until {asked.Expires.LocalDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}");
            ApprovalOutcome outcome = asked.Wait(CancellationToken.None);
            if (outcome == ApprovalOutcome.Accepted)
            {
                return new OwnerQuestion(asked, bound);
            }

            asked.Dispose();
            throw outcome switch
            {
                ApprovalOutcome.Denied => new CliException(ExitCodes.NotApproved, $"run: approval {asked.Id} was denied"),
                ApprovalOutcome.Expired => new CliException(ExitCodes.NotApproved, $"run: approval {asked.Id} has expired: nobody said yes in time; start the command again to ask again"),
                _ => new CliException(ExitCodes.NotStarted, $"run: approval {asked.Id} is lost: the guard of {mount} has ended; start the command again"),
            };
        }
        catch (SandboxRefusedException refused)
        {
            throw new CliException(ExitCodes.NotStarted, refused.Message);
        }
        catch (IOException error)
        {
            throw new CliException(ExitCodes.NotStarted, $"{launch.Program}: needs your yes ({launch.Source}), and the guard of {mount} cannot ask: {error.Message}; claw status {mount} tells whether it runs");
        }
    }

    /// <summary>Looks again, right before the start.</summary>
    /// <param name="policy">Compiles the policy as it is now.</param>
    /// <param name="request">The command.</param>
    /// <exception cref="CliException">The yes was to something else.</exception>
    internal void Use(Func<EffectivePolicy> policy, SandboxRequest request)
    {
        string? change;
        try
        {
            EffectivePolicy now = policy();
            change = bound.ChangeSince(now, SandboxPlan.ApprovalFor(now, request));
        }
        catch (Exception error) when (error is SandboxRefusedException or CliException)
        {
            change = error.Message;
        }

        isUsed = true;
        asked.Use(change is null);
        if (change is not null)
        {
            throw new CliException(ExitCodes.NotApproved, $"run: not what was said yes to: {change}");
        }
    }

    /// <summary>A yes that was not used was to something else.</summary>
    public void Dispose()
    {
        if (!isUsed)
        {
            asked.Use(false);
        }

        asked.Dispose();
    }
}

using System.Globalization;
using ClawFS.Linux;
using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace ClawOS.Security.Guard;

/// <summary>A sandbox that runs and follows its policy: what a new version takes away is taken from it while it runs, what it gives back is given back as far as the launch had it.</summary>
/// <param name="policy">The name of its policy.</param>
/// <param name="workspace">What $WORKSPACE stands for in it.</param>
/// <param name="launched">The policy that it was launched with.</param>
/// <param name="run">The sandbox.</param>
/// <param name="group">Its control group.</param>
/// <param name="launcher">Path of claw-exec.</param>
/// <param name="profile">The AppArmor profile that it was launched in; null: none.</param>
public sealed class LiveSandbox(string policy, string workspace, EffectivePolicy launched, SandboxRun run, SandboxGroup group, string launcher, LoadedProfile? profile = null)
{
    private const int Kill = 9;
    private const string Ended = "ended: its policy was narrowed in a way that only the next launch can hold (on_revoke)";

    private readonly Lock gate = new();
    private readonly SandboxAmendment amendment = new(launched, profile is not null);
    private EffectivePolicy? profiled; // What the profile says; null: as launched.
    private volatile string? endedBecause;

    /// <summary>Why it was killed, where a policy that says so took something from it that it would have kept; else null. Set before the kill.</summary>
    public string? EndedBecause => endedBecause;

    /// <summary>Makes a version of the policies hold. Doing it twice changes nothing the second time.</summary>
    /// <returns>Lines: what was changed, what could not be, what only holds from the next launch on. None: nothing is different.</returns>
    public IReadOnlyList<string> Follow(LivePolicies policies)
    {
        ArgumentNullException.ThrowIfNull(policies);
        (EffectivePolicy? wanted, string reason) = policies.Compile(policy, workspace, profile is not null);
        if (wanted is null)
        {
            return [$"keeps the policy that it has: {reason}"];
        }

        lock (gate)
        {
            try
            {
                IReadOnlyList<string> limits = group.Change(wanted.Limits);
                (string[] said, string[] kept) = ChangeProfile(wanted);
                List<string> lines = [.. said, .. limits];
                AmendmentResult result = amendment.Apply([launcher], run, wanted);
                lines.AddRange(result.Paths.Select(TextOf));
                lines.AddRange(result.NotUntilNextLaunch);
                return EndIfKept(wanted, lines, [.. kept, .. group.IsUnlimited ? limits : [], .. result.Kept]);
            }
            catch (SandboxRefusedException refused)
            {
                return EndIfKept(wanted, [], [$"not changed: {refused.Message}"]);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return EndIfKept(wanted, [], [$"not changed: {error.Message}"]);
            }
        }
    }

    /// <summary>What it uses: processor time, memory, processes; "-" for what nobody counts.</summary>
    public string Usage()
    {
        (TimeSpan? cpu, long? memory, long? processes) = group.Usage;
        return string.Join('\t', Shown(cpu?.TotalSeconds, "0.0"), Shown(memory, "0"), Shown(processes, "0"));
    }

    /// <summary>Where it is refused the old text stays, and is never wider than the launch: the view takes away what it can.</summary>
    /// <returns>What is to be said, and of that what was not taken away.</returns>
    private (string[] Said, string[] Kept) ChangeProfile(EffectivePolicy wanted)
    {
        try
        {
            bool isChanged = profile?.Change(wanted) is true;
            profiled = wanted;
            return (isChanged ? [$"AppArmor: {profile!.Name} says it now"] : [], []);
        }
        catch (AppArmorException refused)
        {
            string[] said = [$"AppArmor: {profile!.Name} is not changed: {refused.Message}"];
            return (said, TakesByProfile(wanted) ? said : []);
        }
    }

    /// <summary>Whether a policy takes away what AppArmor alone takes: a pattern that allowed is gone, or something is denied that was not, and that may not be there for the view to cover.</summary>
    private bool TakesByProfile(EffectivePolicy wanted)
    {
        EffectivePolicy held = profiled ?? launched;
        return Rules(held, isDenied: false).Except(Rules(wanted, isDenied: false)).Any() || Rules(wanted, isDenied: true).Except(Rules(held, isDenied: true)).Any();

        static IEnumerable<(string, bool, PathAccess)> Rules(EffectivePolicy policy, bool isDenied) =>
            policy.Paths.Where(rule => rule.IsDenied == isDenied && (isDenied || rule.IsGlob)).Select(static rule => (rule.Path, rule.IsTree, rule.Access));
    }

    /// <summary>Ends it where either policy wants that and it still has what was taken from it.</summary>
    /// <param name="wanted">The policy that shall hold now.</param>
    /// <param name="lines">What is to be said in any case.</param>
    /// <param name="kept">What it still has; said, too.</param>
    private IReadOnlyList<string> EndIfKept(EffectivePolicy wanted, IReadOnlyList<string> lines, IReadOnlyList<string> kept)
    {
        IReadOnlyList<string> all = [.. lines, .. kept.Except(lines)];
        if (kept.Count == 0 || !(wanted.IsKilledOnRevoke || launched.IsKilledOnRevoke))
        {
            return all;
        }

        endedBecause = $"{Ended}: {kept[0]}";
        run.Signal(Kill);
        return [.. all, endedBecause];
    }

    private static string Shown(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static string TextOf(AmendedPath path)
    {
        string what = path.Change switch
        {
            PathChange.Covered => "covered",
            PathChange.Uncovered => "uncovered",
            _ => path.Restrictions == MountRestrictions.None ? "as launched" : $"restricted: {path.Restrictions}",
        };
        return path.Error == Errno.Ok ? $"{path.Path}: {what}" : $"{path.Path}: could not be {what} ({path.Error})";
    }
}

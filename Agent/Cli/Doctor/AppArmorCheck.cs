using ClawOS.Security.AppArmor;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Doctor;

/// <summary>AppArmor: loads a profile, enters it, is refused a file that every other layer allows, removes it.</summary>
internal static class AppArmorCheck
{
    private const string Name = "AppArmor";

    internal static Finding Run(TrialSandbox trials)
    {
        const string Without = "patterns of paths are not enforced; the other layers do not need it";
        AppArmorLoader loader = new();
        if (loader.WhyNot() is { } reason)
        {
            return new Finding(Name, Verdict.Limited, $"unavailable: {reason}", $"{(reason.Contains("not mounted", StringComparison.Ordinal) ? "mount -t securityfs securityfs /sys/kernel/security" : "boot a kernel with apparmor in its lsm= list")}; {Without}");
        }

        if (ProfilePool.WhyNot() is { } lacks)
        {
            return new Finding(Name, Verdict.Limited, $"unavailable: {lacks}", $"{(lacks.Contains("not installed", StringComparison.Ordinal) ? "apt-get install apparmor" : "as root claw run and claw up use it")}; {Without}");
        }

        EffectivePolicy policy = trials.Policy;
        ProfileText profile = ProfileText.Of(new EffectivePolicy
        {
            Name = policy.Name,
            Paths = [.. policy.Paths, new PathRule(trials.Granted, IsTree: false, PathAccess.Read, IsDenied: true, policy.Paths[0].Source)],
            Commands = policy.Commands,
            Hosts = policy.Hosts,
            Secrets = policy.Secrets,
            SyscallProfile = policy.SyscallProfile,
            SyscallAdditions = policy.SyscallAdditions,
            Limits = policy.Limits,
        });
        try
        {
            loader.Load(ProfileCompiler.Compile(profile.Text));
        }
        catch (AppArmorException error)
        {
            return new Finding(Name, Verdict.Limited, $"unavailable: {error.Message}", $"root loads profiles; {Without}");
        }

        try
        {
            Trial without = trials.Run(["cat", trials.Granted]);
            Trial with = trials.Run(["cat", trials.Granted], profile: profile.Name);
            return without.Succeeded && !with.Succeeded && with.Text.Contains("ermission denied", StringComparison.Ordinal)
                ? new Finding(Name, Verdict.Ok, $"active: a profile is loaded, entered and obeyed, in {with.Milliseconds}; every sandbox of root's is in one") { Took = with.Time }
                : new Finding(Name, Verdict.Limited, $"unavailable: the profile is loaded and not obeyed ({with.Result.Reason}, {with.Result.Step}, {with.Result.Error}) {with.Text}".TrimEnd(), "report this: the layer should be in force here");
        }
        finally
        {
            loader.Remove(profile.Name);
        }
    }
}

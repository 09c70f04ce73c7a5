using ClawFS.Linux;
using ClawOS.Cli.Sandboxes;
using ClawOS.Security.Sandbox;

namespace ClawOS.Cli.Doctor;

/// <summary>The layers that keep a sandbox in: each is tried on this kernel, with what it must let pass and what it must stop.</summary>
internal static class LayerChecks
{
    internal static IEnumerable<Finding> Run()
    {
        string launcher;
        Finding? missing = null;
        try
        {
            launcher = LauncherProgram.Find();
        }
        catch (CliException error)
        {
            launcher = "";
            missing = new Finding("claw-exec", Verdict.Limited, "unavailable: " + error.Message["run: ".Length..], "./claw run makes it; without it no sandbox starts");
        }

        if (missing is not null)
        {
            yield return missing;
            foreach (string layer in (string[])["sandbox", "Landlock: files", "Landlock: TCP", "seccomp", "seccomp: supervised calls", "AppArmor"])
            {
                yield return NotTried(layer, "claw-exec is missing");
            }
        }
        else
        {
            using TrialSandbox trials = new(launcher);
            foreach (Finding finding in Tried(trials))
            {
                yield return finding;
            }
        }

        foreach (Finding finding in CgroupChecks.Run())
        {
            yield return finding;
        }

        yield return NotTried("BPF LSM", "not used by ClawOS yet");
    }

    internal static Finding NotTried(string name, string reason) => new(name, Verdict.Untried, $"not tried: {reason}");

    private static IEnumerable<Finding> Tried(TrialSandbox trials)
    {
        Finding? sandbox = Guarded("sandbox", () => Sandbox(trials));
        yield return sandbox;
        if (sandbox.Verdict != Verdict.Ok)
        {
            foreach (string layer in (string[])["Landlock: files", "Landlock: TCP", "seccomp", "seccomp: supervised calls", "AppArmor"])
            {
                yield return NotTried(layer, "no sandbox starts");
            }

            yield break;
        }

        yield return Guarded("Landlock: files", () => LandlockFiles(trials));
        yield return Guarded("Landlock: TCP", () => LandlockTcp(trials));
        yield return Guarded("seccomp", () => Filter(trials));
        yield return Guarded("seccomp: supervised calls", () => NotificationCheck.Run(trials));
        yield return Guarded("AppArmor", () => AppArmorCheck.Run(trials));
    }

    /// <summary>All namespaces, the view, no capabilities.</summary>
    private static Finding Sandbox(TrialSandbox trials)
    {
        Trial trial = trials.Run(["true"], landlock: _ => null, filtered: false);
        return trial.Succeeded
            ? new Finding("sandbox", Verdict.Ok, $"active: user, mount, pid, net, ipc, uts and cgroup namespaces with a view of their own, in {trial.Milliseconds}") { Took = trial.Time }
            : new Finding(
                "sandbox",
                Verdict.Limited,
                $"unavailable: {trial.Result.Reason} at step {trial.Result.Step} ({trial.Result.Error}) {trial.Text}".TrimEnd(),
                trial.Result.Step is LaunchStep.Clone or LaunchStep.MapUsers ? "sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0; in a container a profile that allows user namespaces" : "Linux 5.12 or later; in a container the right to mount");
    }

    /// <summary>The view shows the file in both cases; only Landlock's rule for it is there or not.</summary>
    private static Finding LandlockFiles(TrialSandbox trials)
    {
        const string Name = "Landlock: files";
        LandlockSupport support = LandlockSupport.Detect();
        if (support.Version == 0)
        {
            return new Finding(Name, Verdict.Limited, "unavailable: this kernel has none, or it is switched off", "Linux 5.13 or later with landlock in its lsm= list");
        }

        string[] read = ["cat", trials.Granted];
        Trial with = trials.Run(read);
        Trial without = trials.Run(read, landlock: plan => plan! with { Paths = [.. plan.Paths.Where(rule => rule.Path != Path.GetDirectoryName(trials.Granted))] });
        string? lacks = support.Missing().FirstOrDefault();
        return !with.Succeeded ? Broken(Name, "a granted file cannot be read", with)
            : without.Succeeded ? Broken(Name, "a file that is not granted can be read", without)
            : new Finding(Name, lacks is null ? Verdict.Ok : Verdict.Limited, $"active: version {support.Version} of the interface; a file without a rule is refused, in {without.Milliseconds}{(lacks is null ? "" : $"; {lacks}")}", lacks is null ? null : "a newer kernel") { Took = without.Time };
    }

    private static Finding LandlockTcp(TrialSandbox trials)
    {
        const string Name = "Landlock: TCP", Connect = "exec 3<>/dev/tcp/127.0.0.1/9";
        if (!File.Exists("/usr/bin/bash") && !File.Exists("/bin/bash"))
        {
            return NotTried(Name, "bash, which makes the connection, is not installed");
        }

        // Nobody listens in there: without Landlock the kernel says so.
        Trial without = trials.Run(["bash", "-c", Connect], landlock: plan => plan is null ? null : plan with { HandledNet = 0 });
        Trial with = trials.Run(["bash", "-c", Connect]);
        return !without.Text.Contains("refused", StringComparison.Ordinal) ? NotTried(Name, $"there is nothing to tell it apart from: {without.Text}")
            : with.Text.Contains("ermission denied", StringComparison.Ordinal) ? new Finding(Name, Verdict.Ok, $"active: a connection is refused before it begins, in {with.Milliseconds}") { Took = with.Time }
            : new Finding(Name, Verdict.Limited, "unavailable: this kernel's Landlock does not know TCP; the network namespace alone holds connections back", "Linux 6.7 or later");
    }

    /// <summary>A new user namespace is what the filter forbids and nothing else here does.</summary>
    private static Finding Filter(TrialSandbox trials)
    {
        const string Name = "seccomp";
        string[] unshare = ["unshare", "-U", "true"];
        if (!File.Exists("/usr/bin/unshare"))
        {
            return NotTried(Name, "unshare, which makes the forbidden call, is not installed");
        }

        Trial without = trials.Run(unshare, filtered: false);
        Trial with = trials.Run(unshare);
        return !without.Succeeded ? NotTried(Name, $"the call is refused without a filter, too: {without.Text}")
            : with.Succeeded ? Broken(Name, "a forbidden call passes", with)
            : new Finding(Name, Verdict.Ok, $"active: a forbidden call is refused ({with.Text.Split(':')[^1].Trim()}), the allowed ones run, in {with.Milliseconds}") { Took = with.Time };
    }

    private static Finding Broken(string name, string what, Trial trial) =>
        new(name, Verdict.Limited, $"unavailable: {what} ({trial.Result.Reason}, {trial.Result.Step}, {trial.Result.Error}) {trial.Text}".TrimEnd(), "report this: the layer should be in force here");

    /// <summary>What stops a trial from being made is no answer about its layer.</summary>
    private static Finding Guarded(string name, Func<Finding> check)
    {
        try
        {
            return check();
        }
        catch (Exception error) when (error is SandboxRefusedException or LinuxException or IOException or UnauthorizedAccessException)
        {
            return NotTried(name, error.Message);
        }
    }
}

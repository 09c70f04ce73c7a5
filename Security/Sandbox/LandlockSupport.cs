using ClawFS.Linux;

namespace ClawOS.Security.Sandbox;

/// <summary>What this kernel's Landlock knows, and what it lacks against what plans want.</summary>
/// <param name="Version">The version of its interface; 0 without Landlock.</param>
public readonly record struct LandlockSupport(int Version)
{
    private const int Renames = 2, Truncation = 3, Tcp = 4, DeviceControl = 5, Scopes = 6;
    private const ulong BindAndConnect = 3, SocketsAndSignals = 3;

    /// <summary>Asks the kernel.</summary>
    public static LandlockSupport Detect() => new(LandlockVersion.OfKernel());

    /// <summary>What it cannot enforce, a line each.</summary>
    public IEnumerable<string> Missing()
    {
        if (Version == 0)
        {
            yield return "Landlock: this kernel has none; files are protected by the view alone";
            yield break;
        }

        foreach ((int since, string what, string kernel) in ((int, string, string)[])[
            (Truncation, "truncation of files that may not be written", "6.2"), (Tcp, "TCP ports", "6.7"), (DeviceControl, "ioctl on devices", "6.10"), (Scopes, "abstract sockets and signals", "6.12")])
        {
            if (Version < since)
            {
                yield return $"Landlock: this kernel (version {Version} of the interface) does not check {what}; Linux {kernel} does";
            }
        }
    }

    /// <summary>The most that this kernel enforces of what a plan wants; null without Landlock.</summary>
    /// <param name="rules">What is granted; rights that the kernel does not know are left out.</param>
    public LandlockPlan? Plan(IEnumerable<LandlockRule> rules)
    {
        if (Version == 0)
        {
            return null;
        }

        FileRights known = FileRights.All
            & ~(Version < Renames ? FileRights.Refer : 0)
            & ~(Version < Truncation ? FileRights.Truncate : 0)
            & ~(Version < DeviceControl ? FileRights.IoctlDev : 0);
        return new LandlockPlan(
            Math.Min(Version, Scopes),
            known,
            Version < Tcp ? 0 : BindAndConnect,
            Version < Scopes ? 0 : SocketsAndSignals,
            [.. rules.Select(rule => rule with { Rights = rule.Rights & known }).Where(rule => rule.Rights != 0)]);
    }
}

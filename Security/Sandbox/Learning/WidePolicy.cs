using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>The policy of a run that is watched and not held: every file of the machine. The walls of a sandbox stay: its own /tmp, /proc and devices, no network, no privilege.</summary>
internal static class WidePolicy
{
    internal static EffectivePolicy Make(string workspace)
    {
        SourceLine here = new("watched", 1);
        return new EffectivePolicy
        {
            Name = "watched",
            Paths = [new PathRule("/", IsTree: true, PathAccess.All, IsDenied: false, here), new PathRule(workspace, IsTree: true, PathAccess.All, IsDenied: false, here)],
            Commands = [],
            Hosts = [],
            Secrets = [],
            SyscallProfile = "default",
            SyscallAdditions = [],
            Limits = new Limits(),
        };
    }
}

using ClawFS.Linux;
using ClawOS.Security.Cgroups;

namespace ClawOS.Cli.Doctor;

/// <summary>A real process meets a group's limit. What the kernel counts then is what shows that it holds.</summary>
internal static class CgroupTrial
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>A quota that a small script meets at once; null for what is no limit.</summary>
    internal static Quota? QuotaOf(CgroupAbility ability) => ability switch
    {
        CgroupAbility.Cpu => new Quota { CpuPercent = 20 },
        CgroupAbility.Memory => new Quota { MemoryBytes = 32 << 20 },
        CgroupAbility.Processes => new Quota { Processes = 5 },
        _ => null,
    };

    /// <summary>What the kernel did with a process that wanted more; null when it did nothing.</summary>
    /// <exception cref="CgroupException">The group cannot be used.</exception>
    internal static string? Meet(Cgroup group, CgroupAbility ability)
    {
        switch (ability)
        {
            case CgroupAbility.Cpu:
                return Runs(group, "while :; do :; done", static usage => usage.ThrottledPeriods > 0) ? "a busy process was held back" : null;
            case CgroupAbility.Memory:
                // tail keeps a line until it ends, and this one never does.
                return Runs(group, "exec tail /dev/zero", static usage => usage.OomKills > 0) ? "a process that took more was killed" : null;
            default:
                return Runs(group, "for i in 1 2 3 4 5 6 7 8; do sleep 100 & done; wait", static usage => usage.ForksRefused > 0) ? "a process too many was refused" : null;
        }
    }

    /// <summary>Whether the group counts what is awaited while a script runs in it, which ends with the group.</summary>
    private static bool Runs(Cgroup group, string script, Func<CgroupUsage, bool> isMet)
    {
        using Pipe go = Pipe.Create();
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sh", Arguments = ["-c", "read go; " + script], Input = go.Reader });
        try
        {
            group.Add(child.Id);
            Pipe.Write(go.Writer, "\n"u8);
            return SpinWait.SpinUntil(() => Soon(() => isMet(group.Usage)), s_patience);
        }
        finally
        {
            child.Signal(9);
        }
    }

    private static bool Soon(Func<bool> isMet)
    {
        if (isMet())
        {
            return true;
        }

        Thread.Sleep(2);
        return false;
    }
}

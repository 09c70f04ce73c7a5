using System.Diagnostics;
using System.Globalization;
using ClawOS.Security.Cgroups;

namespace ClawOS.Cli.Doctor;

/// <summary>Control groups: each limit is put on a group of its own and met by a process, and the group is removed again.</summary>
internal static class CgroupChecks
{
    internal static IEnumerable<Finding> Run()
    {
        CgroupHost host;
        Finding? none = null;
        try
        {
            host = CgroupHost.Detect();
        }
        catch (IOException error)
        {
            host = null!;
            none = LayerChecks.NotTried("cgroups", error.Message);
        }

        if (none is not null)
        {
            yield return none;
            yield break;
        }

        foreach (AbilityState state in host.Abilities)
        {
            yield return Check(host, state);
        }
    }

    private static Finding Check(CgroupHost host, AbilityState state)
    {
        string name = $"cgroups: {TextOf(state.Ability)}";
        if (!state.IsAvailable)
        {
            return new Finding(name, Verdict.Limited, $"unavailable: {state.Reason}", state.WayOut);
        }

        try
        {
            long began = Stopwatch.GetTimestamp();
            Quota? limit = CgroupTrial.QuotaOf(state.Ability);
            using Cgroup group = host.Create($"doctor-{Environment.ProcessId}", limit ?? (state.Ability == CgroupAbility.IoWeight ? new Quota { IoWeight = 50 } : Quota.None));
            string? what = limit is null ? Use(group, state.Ability) : CgroupTrial.Meet(group, state.Ability);
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            return what is not null ? new Finding(name, Verdict.Ok, string.Create(CultureInfo.InvariantCulture, $"active: version {(int)state.Version!} below {state.Folder}; {what}, in {took.TotalMilliseconds:0.0} ms")) { Took = took }
                : limit is null ? new Finding(name, Verdict.Limited, "unavailable: the files of a group are there and tell nothing")
                : new Finding(name, Verdict.Limited, $"unavailable: a group with {limit} was made, and a process that took more went on", "report this: the limit should be in force here");
        }
        catch (CgroupException refusal)
        {
            return new Finding(name, Verdict.Limited, $"unavailable: {refusal.Message}");
        }
    }

    /// <summary>Does what the ability is for; null when the kernel does not answer.</summary>
    private static string? Use(Cgroup group, CgroupAbility ability)
    {
        switch (ability)
        {
            case CgroupAbility.CpuTime:
                return group.Usage.CpuTime is null ? null : "a group was asked";
            case CgroupAbility.Freeze:
                group.Freeze();
                group.Thaw();
                return "a group was stopped and let go on";
            case CgroupAbility.Kill:
                group.Kill();
                return "a group was ended";
            case CgroupAbility.Pressure:
                return group.Pressure is null ? null : "a group was asked";
            default:
                return $"a group with {group.Quota} was made";
        }
    }

    private static string TextOf(CgroupAbility ability) => ability switch
    {
        CgroupAbility.Cpu => "processor",
        CgroupAbility.IoWeight => "share of disks",
        CgroupAbility.CpuTime => "processor time used",
        CgroupAbility.Freeze => "stop all",
        CgroupAbility.Kill => "end all",
        _ => ability.ToString().ToLowerInvariant(),
    };
}

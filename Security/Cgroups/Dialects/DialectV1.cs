using System.Globalization;

namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>Version 1 (Documentation/admin-guide/cgroup-v1 and Documentation/scheduler/sched-bwc.rst).</summary>
internal sealed class DialectV1 : IDialect
{
    private const string Unlimited = "-1";

    public IReadOnlyList<Setting> Settings(CgroupAbility ability, Quota quota, string folder) => ability switch
    {
        CgroupAbility.Cpu =>
        [
            new("cpu.cfs_period_us", DialectV2.Period.ToString(CultureInfo.InvariantCulture)),
            new("cpu.cfs_quota_us", quota.CpuPercent is { } percent ? ((long)percent * (DialectV2.Period / 100)).ToString(CultureInfo.InvariantCulture) : Unlimited),
        ],

        // Swappiness 0 keeps a group out of swap here, unlike the machine's own setting. A limit on memsw would do, too, but which of the two is met first decides what is counted.
        CgroupAbility.Memory => quota.MemoryBytes is { } bytes
            ? [new("memory.swappiness", "0", IsOptional: true), new("memory.limit_in_bytes", bytes.ToString(CultureInfo.InvariantCulture))]
            : [new("memory.limit_in_bytes", Unlimited)],
        CgroupAbility.Processes => [new("pids.max", DialectV2.OrMax(quota.Processes))],
        _ => throw new ArgumentOutOfRangeException(nameof(ability)),
    };

    public CgroupUsage Read(CgroupAbility ability, string folder, CgroupUsage known)
    {
        Counters counters = new(folder);
        return ability switch
        {
            CgroupAbility.Cpu => known with
            {
                Periods = counters.Field("cpu.stat", "nr_periods"),
                ThrottledPeriods = counters.Field("cpu.stat", "nr_throttled"),
                ThrottledTime = Counters.Nanoseconds(counters.Field("cpu.stat", "throttled_time")),
            },
            CgroupAbility.CpuTime => known with { CpuTime = Counters.Nanoseconds(counters.Number("cpuacct.usage")) },
            CgroupAbility.Memory => known with
            {
                MemoryBytes = counters.Number("memory.usage_in_bytes"),
                MemoryPeakBytes = counters.TryNumber("memory.max_usage_in_bytes"),
                MemoryLimitHits = counters.TryNumber("memory.failcnt"),
                OomKills = counters.Field("memory.oom_control", "oom_kill"),
            },
            CgroupAbility.Processes => known with
            {
                Processes = counters.Number("pids.current"),
                ProcessesPeak = counters.TryNumber("pids.peak"),
                ForksRefused = counters.TryField("pids.events", "max"),
            },
            _ => known,
        };
    }
}

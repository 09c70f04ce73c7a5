using System.Globalization;

namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>Version 2 (Documentation/admin-guide/cgroup-v2.rst, "Controllers").</summary>
internal sealed class DialectV2 : IDialect
{
    /// <summary>The length of a period in microseconds, the kernel's default; one percent of it is the least quota that it takes (1 ms).</summary>
    internal const int Period = 100_000;

    /// <summary>What a group without a weight has.</summary>
    internal const int DefaultWeight = 100;

    /// <summary>The greatest weight of BFQ; io.weight itself goes up to 10,000.</summary>
    internal const int MaxBfqWeight = 1000;

    public IReadOnlyList<Setting> Settings(CgroupAbility ability, Quota quota, string folder) => ability switch
    {
        CgroupAbility.Cpu => [new("cpu.max", quota.CpuPercent is { } percent
            ? string.Create(CultureInfo.InvariantCulture, $"{(long)percent * (Period / 100)} {Period}")
            : string.Create(CultureInfo.InvariantCulture, $"max {Period}"))],

        // Without swap accounting there is no swap.max, and mostly no swap either.
        CgroupAbility.Memory => [new("memory.swap.max", quota.MemoryBytes is null ? "max" : "0", IsOptional: true), new("memory.max", OrMax(quota.MemoryBytes))],
        CgroupAbility.Processes => [new("pids.max", OrMax(quota.Processes))],
        CgroupAbility.IoWeight => File.Exists(Path.Combine(folder, "io.weight")) || !File.Exists(Path.Combine(folder, "io.bfq.weight"))
            ? [new("io.weight", string.Create(CultureInfo.InvariantCulture, $"default {quota.IoWeight ?? DefaultWeight}"))]
            : [new("io.bfq.weight", BfqWeight(quota.IoWeight))],
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
                ThrottledTime = Counters.Microseconds(counters.Field("cpu.stat", "throttled_usec")),
            },
            CgroupAbility.CpuTime => known with { CpuTime = Counters.Microseconds(counters.Field("cpu.stat", "usage_usec")) },
            CgroupAbility.Memory => known with
            {
                MemoryBytes = counters.Number("memory.current"),
                MemoryPeakBytes = counters.TryNumber("memory.peak"),
                MemoryLimitHits = counters.Field("memory.events", "max"),
                OomKills = counters.Field("memory.events", "oom_kill"),
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

    internal static string BfqWeight(int? weight) => Math.Min(weight ?? DefaultWeight, MaxBfqWeight).ToString(CultureInfo.InvariantCulture);

    internal static string OrMax(long? limit) => limit?.ToString(CultureInfo.InvariantCulture) ?? "max";
}

namespace ClawOS.Security.Cgroups;

/// <summary>A quota limit by limit.</summary>
internal static class QuotaParts
{
    /// <summary>Whether two quotas have the same limit.</summary>
    internal static bool Same(CgroupAbility limit, Quota a, Quota b) => Part(limit, a) == Part(limit, b);

    /// <summary><paramref name="quota"/> with one limit of another.</summary>
    internal static Quota With(CgroupAbility limit, Quota quota, Quota other) => limit switch
    {
        CgroupAbility.Cpu => quota with { CpuPercent = other.CpuPercent },
        CgroupAbility.Memory => quota with { MemoryBytes = other.MemoryBytes },
        CgroupAbility.Processes => quota with { Processes = other.Processes },
        CgroupAbility.IoWeight => quota with { IoWeight = other.IoWeight },
        _ => throw new ArgumentOutOfRangeException(nameof(limit)),
    };

    private static long? Part(CgroupAbility limit, Quota quota) => limit switch
    {
        CgroupAbility.Cpu => quota.CpuPercent,
        CgroupAbility.Memory => quota.MemoryBytes,
        CgroupAbility.Processes => quota.Processes,
        CgroupAbility.IoWeight => quota.IoWeight,
        _ => throw new ArgumentOutOfRangeException(nameof(limit)),
    };
}

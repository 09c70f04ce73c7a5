namespace ClawOS.Security.Cgroups;

/// <summary>One thing that groups of processes can be asked for.</summary>
public enum CgroupAbility
{
    /// <summary><see cref="Quota.CpuPercent"/>.</summary>
    Cpu,

    /// <summary><see cref="Quota.MemoryBytes"/>, and the count of processes killed for it.</summary>
    Memory,

    /// <summary><see cref="Quota.Processes"/>.</summary>
    Processes,

    /// <summary><see cref="Quota.IoWeight"/>.</summary>
    IoWeight,

    /// <summary>The processor time used so far.</summary>
    CpuTime,

    /// <summary>Stopping all processes at once and letting them go on.</summary>
    Freeze,

    /// <summary>Ending all processes at once, those that are being made included.</summary>
    Kill,

    /// <summary>How long processes wait for processor, memory and disk (PSI).</summary>
    Pressure,
}

/// <summary>Whether this host has an ability for this user.</summary>
/// <param name="Ability">What is asked for.</param>
/// <param name="Version">Which version does it; null when none can.</param>
/// <param name="Folder">The folder below which groups are made for it; null when none can.</param>
/// <param name="Reason">Why it is missing, like "memory: not delegated to this user"; null when it is there.</param>
/// <param name="WayOut">What would bring it; null when it is there or nothing would.</param>
public sealed record AbilityState(CgroupAbility Ability, CgroupVersion? Version, string? Folder, string? Reason, string? WayOut)
{
    /// <summary>Whether it can be used.</summary>
    public bool IsAvailable => Version is not null;

    /// <summary>Why it is missing, and what would bring it.</summary>
    public string Lack => WayOut is null ? $"{Reason}" : $"{Reason}; {WayOut}";

    /// <summary>One line for people.</summary>
    public override string ToString() => IsAvailable
        ? $"{Ability}: version {(int)Version!} below {Folder}"
        : $"{Ability}: missing ({Lack})";
}

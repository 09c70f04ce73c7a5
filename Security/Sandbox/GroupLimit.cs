using System.Globalization;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox;

/// <summary>A limit of a policy that only a control group enforces, and is not enforced.</summary>
/// <param name="Ability">What the group would have to be able to.</param>
/// <param name="Text">The limit and why, for people.</param>
internal sealed record GroupLimit(CgroupAbility Ability, string Text)
{
    internal bool IsProcesses => Ability == CgroupAbility.Processes;

    /// <summary>All such limits of a policy.</summary>
    internal static IEnumerable<GroupLimit> Of(Limits limits, string reason) => Parts(limits).Select(part => new GroupLimit(part.Ability, $"limits: {part.Text}: {reason}"));

    /// <summary>What a policy limits, by the ability that it takes.</summary>
    internal static IEnumerable<(CgroupAbility Ability, string Text)> Parts(Limits limits)
    {
        if (limits.CpuPercent is { } percent)
        {
            yield return (CgroupAbility.Cpu, string.Create(CultureInfo.InvariantCulture, $"cpu {percent} %"));
        }

        if (limits.MemoryBytes is { } bytes)
        {
            yield return (CgroupAbility.Memory, string.Create(CultureInfo.InvariantCulture, $"memory {bytes / 1048576.0:0.#} MiB"));
        }

        if (limits.Processes is { } processes)
        {
            yield return (CgroupAbility.Processes, string.Create(CultureInfo.InvariantCulture, $"{processes} processes"));
        }
    }
}

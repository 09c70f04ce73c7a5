using ClawFS.Linux;
using ClawOS.Security.Cgroups;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox;

/// <summary>The control group of one sandbox: as many of a policy's limits as this host enforces for this user. Dispose it when the sandbox has ended.</summary>
public sealed class SandboxGroup : IDisposable
{
    private const int MostProcesses = 4_194_304; // What the kernel counts, and a policy may say.
    private static int made;
    private readonly Cgroup? group;

    private SandboxGroup(Cgroup? group, IReadOnlyList<FileDescriptor> entrances, IReadOnlyList<GroupLimit> missing) => (this.group, Entrances, Missing) = (group, entrances, missing);

    /// <summary>Its open folder of version 2, where that carries limits: processes are made in it.</summary>
    internal FileDescriptor? Folder { get; private init; }

    /// <summary>How often the kernel has killed in the group for want of memory; 0 without one.</summary>
    public long OomKills => group?.OomKills ?? 0;

    /// <summary>Its open cgroup.procs files, one a hierarchy.</summary>
    internal IReadOnlyList<FileDescriptor> Entrances { get; }

    /// <summary>The limits that it does not enforce.</summary>
    internal IReadOnlyList<GroupLimit> Missing { get; }

    /// <summary>Makes a group for limits; what the host refuses is kept in mind for the plan, which says it.</summary>
    /// <exception cref="SandboxRefusedException">A limit is outside of what control groups know.</exception>
    public static SandboxGroup Make(Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (CgroupAbility Ability, string Text)[] parts = [.. GroupLimit.Parts(limits)];
        if (parts.Length == 0)
        {
            return new SandboxGroup(null, [], []);
        }

        CgroupHost host = CgroupHost.Detect();
        List<GroupLimit> missing = [.. parts.Where(part => !host[part.Ability].IsAvailable).Select(part => new GroupLimit(part.Ability, $"limits: {part.Text}: {host[part.Ability].Lack}"))];
        if (missing.Count == parts.Length)
        {
            return new SandboxGroup(null, [], missing);
        }

        Cgroup? group = null;
        try
        {
            group = host.Create($"run-{Environment.ProcessId}-{Interlocked.Increment(ref made)}", QuotaOf(limits, missing));
            return new SandboxGroup(group, group.OpenProcs(limitsOnly: true), missing) { Folder = group.OpenFolder(limitsOnly: true) };
        }
        catch (CgroupException refusal)
        {
            group?.Dispose();
            return new SandboxGroup(null, [], [.. GroupLimit.Of(limits, refusal.Message)]);
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw new SandboxRefusedException($"limits: {error.Message}");
        }
    }

    /// <summary>What its processes have used: processor time, bytes of memory, processes. Null: nobody counts it.</summary>
    public (TimeSpan? CpuTime, long? MemoryBytes, long? Processes) Usage
    {
        get
        {
            try
            {
                return group?.Usage is { } usage ? (usage.CpuTime, usage.MemoryBytes, usage.Processes) : default;
            }
            catch (CgroupException)
            {
                return default; // It is going.
            }
        }
    }

    /// <summary>Whether it was made without limits, so that none can be set while it runs.</summary>
    public bool IsUnlimited => group is null;

    /// <summary>Puts other limits in force for what runs in it.</summary>
    /// <returns>Lines: what is in force now, and what is not.</returns>
    public IReadOnlyList<string> Change(Limits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        (CgroupAbility Ability, string Text)[] parts = [.. GroupLimit.Parts(limits)];
        if (group is null)
        {
            return parts.Length == 0 || Missing.Count > 0 ? [] : [$"limits: {string.Join(", ", parts.Select(static part => part.Text))}: from the next launch on: this one was launched without limits, and so without a control group"];
        }

        CgroupHost host = CgroupHost.Detect();
        List<GroupLimit> missing = [.. parts.Where(part => !host[part.Ability].IsAvailable).Select(part => new GroupLimit(part.Ability, $"limits: {part.Text}: {host[part.Ability].Lack}"))];
        Quota before = group.Quota;
        try
        {
            Quota wanted = QuotaOf(limits, missing);
            if (wanted != before)
            {
                group.Change(wanted);
            }
        }
        catch (Exception refusal) when (refusal is CgroupException or ArgumentOutOfRangeException)
        {
            return [$"limits: not changed: {refusal.Message}"];
        }

        return group.Quota == before ? [] : [$"limits: {group.Quota}"];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (FileDescriptor entrance in Entrances)
        {
            entrance.Dispose();
        }

        Folder?.Dispose();
        group?.Dispose();
    }

    private static Quota QuotaOf(Limits limits, List<GroupLimit> missing)
    {
        return new Quota
        {
            CpuPercent = Has(CgroupAbility.Cpu) ? limits.CpuPercent : null,
            MemoryBytes = Has(CgroupAbility.Memory) ? limits.MemoryBytes : null,
            Processes = Has(CgroupAbility.Processes) ? limits.Processes is { } wanted ? Math.Min(wanted + 1, MostProcesses) : null : null, // Process 1 is ours.
        };

        bool Has(CgroupAbility ability) => missing.All(limit => limit.Ability != ability);
    }
}

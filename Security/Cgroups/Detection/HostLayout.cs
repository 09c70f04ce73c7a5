using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Detection;

/// <summary>Which hierarchy does what on this host: limits where their controller is, the rest by version 2 wherever it is mounted.</summary>
internal sealed class HostLayout
{
    private static readonly Version FreezeSince = new(5, 2), KillSince = new(5, 14);

    private readonly Dictionary<CgroupAbility, Parent> parents = [];
    private readonly List<AbilityState> states = [];
    private readonly (Hierarchy Hierarchy, Place Place)? unified;
    private readonly List<(Hierarchy Hierarchy, Place Place)> older = [];
    private readonly Dictionary<string, Parent> parentOf = [];

    private HostLayout(string root, Version kernel)
    {
        foreach (Hierarchy hierarchy in HierarchyTable.Read(root))
        {
            if (hierarchy.Version == CgroupVersion.V2)
                unified ??= (hierarchy, Place.Find(hierarchy));
            else
                older.Add((hierarchy, Place.Find(hierarchy)));
        }

        Limit(CgroupAbility.Cpu, "cpu", "cpu");
        Limit(CgroupAbility.Memory, "memory", "memory");
        Limit(CgroupAbility.Processes, "pids", "pids");
        Limit(CgroupAbility.IoWeight, "io", null);
        OfUnified(CgroupAbility.CpuTime, true, "cpuacct", "");
        OfUnified(CgroupAbility.Freeze, kernel >= FreezeSince, "freezer", $"Linux {kernel} has no cgroup.freeze");
        OfUnified(CgroupAbility.Pressure, File.Exists(Path.Combine(root, "proc/pressure/memory")), null, "this kernel counts no pressure (CONFIG_PSI, psi=1)");
        KillsByFile = kernel >= KillSince && UnifiedParent() is not null;
        Kill();
    }

    /// <summary>Every ability, in the order of the enumeration.</summary>
    internal IReadOnlyList<AbilityState> States => states;

    /// <summary>Where groups are made: a group has a folder in each of them. Version 2 comes first.</summary>
    internal IReadOnlyList<Parent> Parents => [.. parents.Values.Distinct().OrderByDescending(static parent => parent.Version).ThenBy(static parent => parent.Folder, StringComparer.Ordinal)];

    /// <summary>Whether version 2's cgroup.kill is there.</summary>
    internal bool KillsByFile { get; }

    /// <summary>Where an ability is; null when it is missing.</summary>
    internal Parent? this[CgroupAbility ability] => parents.GetValueOrDefault(ability);

    /// <param name="root">"/", or a folder that stands for it.</param>
    /// <param name="kernel">The kernel to go by; what the host says when null.</param>
    internal static HostLayout Read(string root, Version? kernel) => new(root, kernel ?? KernelVersion(Path.Combine(root, "proc/sys/kernel/osrelease")));

    /// <summary>"6.1.0-30-amd64" is 6.1; what cannot be read is taken for an old kernel.</summary>
    internal static Version ParseKernelVersion(string release)
    {
        string[] parts = release.Trim().Split('.', '-');
        return parts.Length > 1 && ushort.TryParse(parts[0], out ushort major) && ushort.TryParse(parts[1], out ushort minor) ? new Version(major, minor) : new Version(0, 0);
    }

    private static Version KernelVersion(string file) => File.Exists(file) ? ParseKernelVersion(File.ReadAllText(file)) : new Version(0, 0);

    private void Limit(CgroupAbility ability, string controller, string? olderController)
    {
        if (unified is { Place.Base: not null } here && here.Place.Controllers.Contains(controller))
            Found(ability, UnifiedParent()!);
        else if (OlderWith(olderController) is { } found)
            FoundOlder(ability, controller, found);
        else if (unified is not { } there)
            Missing(ability, older.Count == 0 ? "no control groups are mounted" : $"no hierarchy has the {controller} controller", older.Count == 0 ? "mount -t cgroup2 none /sys/fs/cgroup" : null);
        else if (there.Place.Base is null)
            Missing(ability, $"{controller}: {there.Place.Reason}", there.Place.WayOut);
        else if (Offered(there.Hierarchy.MountPoint).Contains(controller))
            Missing(ability, $"{controller}: not handed on to {there.Place.Base}", $"add Delegate={controller} to the unit of the service manager that made it");
        else
            Missing(ability, $"version 2 has no {controller} controller" + (older.Count == 0 ? "" : olderController is null ? ", and version 1's is not used" : ", and version 1 has none either"), null);
    }

    /// <summary>What version 2 does without any controller; version 1 needs one for it, if it can do it at all.</summary>
    private void OfUnified(CgroupAbility ability, bool kernelHasIt, string? olderController, string without)
    {
        if (kernelHasIt && UnifiedParent() is { } parent)
            Found(ability, parent);
        else if (OlderWith(olderController) is { } found)
            FoundOlder(ability, olderController!, found);
        else if (unified is { } there)
            Missing(ability, kernelHasIt ? there.Place.Reason! : without, kernelHasIt ? there.Place.WayOut : null);
        else
            Missing(ability, "version 2 is not mounted" + (olderController is null ? "" : $", nor version 1's {olderController}"), "mount -t cgroup2 none /sys/fs/cgroup/unified");
    }

    /// <summary>By cgroup.kill, else by signals, which needs no more than the list of processes that every group has.</summary>
    private void Kill()
    {
        Parent? any = KillsByFile ? UnifiedParent() : this[CgroupAbility.Freeze] ?? Parents.FirstOrDefault();
        if (any is not null)
            Found(CgroupAbility.Kill, any);
        else
            Missing(CgroupAbility.Kill, "no hierarchy can be used", states[0].WayOut);
        states.Sort(static (a, b) => a.Ability.CompareTo(b.Ability));
    }

    private (Hierarchy Hierarchy, Place Place)? OlderWith(string? controller)
    {
        foreach ((Hierarchy Hierarchy, Place Place) one in older)
        {
            if (controller is not null && one.Hierarchy.Controllers.Contains(controller))
                return one;
        }

        return null;
    }

    private void FoundOlder(CgroupAbility ability, string controller, (Hierarchy Hierarchy, Place Place) found)
    {
        if (found.Place.Base is { } folder)
            Found(ability, Shared(new Parent(CgroupVersion.V1, folder, [])));
        else
            Missing(ability, $"{controller}: {found.Place.Reason}", found.Place.WayOut);
    }

    private Parent? UnifiedParent()
    {
        string[] wanted = ["cpu", "memory", "pids", "io"];
        return unified is { Place.Base: { } folder } here ? Shared(new Parent(CgroupVersion.V2, folder, [.. wanted.Intersect(here.Place.Controllers)])) : null;
    }

    /// <summary>One object a folder: two controllers may be bound to one hierarchy.</summary>
    private Parent Shared(Parent parent) => parentOf.TryGetValue(parent.Folder, out Parent? known) ? known : parentOf[parent.Folder] = parent;

    private static IReadOnlyList<string> Offered(string folder) => GroupText.Words(GroupFile.TryRead(Path.Combine(folder, "cgroup.controllers")) ?? "");

    private void Found(CgroupAbility ability, Parent parent)
    {
        parents[ability] = parent;
        states.Add(new AbilityState(ability, parent.Version, parent.Folder, null, null));
    }

    private void Missing(CgroupAbility ability, string reason, string? wayOut) => states.Add(new AbilityState(ability, null, null, reason, wayOut));
}

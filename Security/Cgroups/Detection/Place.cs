using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Detection;

/// <summary>Where in a hierarchy this user may make groups.</summary>
/// <param name="Base">The group; null when there is none.</param>
/// <param name="Controllers">What it can hand on.</param>
/// <param name="Reason">Why there is none.</param>
/// <param name="WayOut">What would help then.</param>
internal sealed record Place(string? Base, IReadOnlyList<string> Controllers, string? Reason, string? WayOut)
{
    internal static Place Find(Hierarchy hierarchy) => hierarchy.Version == CgroupVersion.V1 ? FindV1(hierarchy) : FindV2(hierarchy);

    /// <summary>Version 1: below the group this process is in, so that limits set from outside hold for what is made here.</summary>
    private static Place FindV1(Hierarchy hierarchy) =>
        ControlFile.MayWrite(hierarchy.Own) ? new Place(hierarchy.Own, hierarchy.Controllers, null, null) : Refused(hierarchy.Own);

    /// <summary>
    /// Version 2: a group hands on controllers only while no process is in it (but the root may), so this process's own one is mostly not it. Of the groups above,
    /// as far as they are delegated to this user, the one that offers most, and the lowest of those.
    /// </summary>
    private static Place FindV2(Hierarchy hierarchy)
    {
        Place? best = null;
        Place? refused = null;
        for (string? folder = hierarchy.Own; folder is not null; folder = folder == hierarchy.MountPoint ? null : Path.GetDirectoryName(folder))
        {
            // Moving a process from one group to another takes the right to write cgroup.procs of the group above both.
            if (!new[] { folder, Path.Combine(folder, "cgroup.subtree_control"), Path.Combine(folder, "cgroup.procs") }.All(ControlFile.MayWrite))
            {
                refused ??= Refused(folder);
                continue;
            }

            bool isRoot = !File.Exists(Path.Combine(folder, "cgroup.type"));
            if (!isRoot && GroupFile.Read(Path.Combine(folder, "cgroup.procs")).Length > 0)
            {
                refused ??= new Place(null, [], $"{folder} has processes in it and so cannot hand on controllers", Remedy.Occupied);
                continue;
            }

            IReadOnlyList<string> offered = GroupText.Words(GroupFile.Read(Path.Combine(folder, "cgroup.controllers")));
            if (best is null || offered.Count > best.Controllers.Count)
                best = new Place(folder, offered, null, null);
        }

        return best ?? refused!;
    }

    private static Place Refused(string folder) => LinuxException.Last == Errno.EROFS
        ? new Place(null, [], $"{folder} is read-only", Remedy.ReadOnly)
        : new Place(null, [], $"{folder}: not delegated to this user", Remedy.Delegate);
}

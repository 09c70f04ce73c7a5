namespace ClawOS.Security.Cgroups.Detection;

/// <summary>One mounted hierarchy, and where this process is in it.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Controllers">Version 1: what is bound to it. Version 2: empty, for that differs from group to group.</param>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Own">The folder of the group that this process is in; the mount point where that group cannot be seen.</param>
internal sealed record Hierarchy(CgroupVersion Version, IReadOnlyList<string> Controllers, string MountPoint, string Own);

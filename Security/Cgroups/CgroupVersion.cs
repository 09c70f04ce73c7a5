namespace ClawOS.Security.Cgroups;

/// <summary>The version of the kernel's control groups that does something; a host may have both mounted, each with other controllers.</summary>
public enum CgroupVersion
{
    /// <summary>One hierarchy a controller (cgroups(7), Documentation/admin-guide/cgroup-v1).</summary>
    V1 = 1,

    /// <summary>The unified hierarchy (Documentation/admin-guide/cgroup-v2.rst).</summary>
    V2 = 2,
}

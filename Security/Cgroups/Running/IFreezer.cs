namespace ClawOS.Security.Cgroups.Running;

/// <summary>How one version of control groups stops the processes of a group.</summary>
internal interface IFreezer
{
    /// <summary>Stops all processes of the group and of groups below it; returns when they stand.</summary>
    /// <exception cref="CgroupException">ETIMEDOUT: some process does not stop in time. They all go on then.</exception>
    void Freeze(string folder, TimeSpan limit);

    /// <summary>Lets them go on.</summary>
    void Thaw(string folder);
}

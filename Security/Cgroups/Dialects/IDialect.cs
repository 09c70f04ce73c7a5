namespace ClawOS.Security.Cgroups.Dialects;

/// <summary>How one version of control groups says a quota and tells what was used.</summary>
internal interface IDialect
{
    /// <summary>What puts one limit of a quota in force, in the order in which it is written.</summary>
    /// <param name="ability">Which limit: Cpu, Memory, Processes or IoWeight.</param>
    /// <param name="quota">The quota; a null limit is taken back.</param>
    /// <param name="folder">The group, to see which of two files its kernel has.</param>
    IReadOnlyList<Setting> Settings(CgroupAbility ability, Quota quota, string folder);

    /// <summary>Adds to <paramref name="known"/> what this group tells about one ability.</summary>
    /// <exception cref="CgroupException">A file cannot be read, or is not understood.</exception>
    CgroupUsage Read(CgroupAbility ability, string folder, CgroupUsage known);
}

using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Detection;

/// <summary>The folder `claw` of one hierarchy, in which groups are made.</summary>
/// <param name="Version">The version of the hierarchy.</param>
/// <param name="Base">The group it lies in, which this user may use.</param>
/// <param name="Controllers">Version 2: the controllers to hand on to groups.</param>
internal sealed record Parent(CgroupVersion Version, string Base, IReadOnlyList<string> Controllers)
{
    private const string Name = "claw", SubtreeControl = "cgroup.subtree_control";

    internal string Folder => Path.Combine(Base, Name);

    /// <summary>Makes the folder and, in version 2, has it hand on the controllers: no process may be in a group that does.</summary>
    /// <exception cref="CgroupException">The kernel refuses.</exception>
    internal void Prepare()
    {
        HandOn(Base);
        try
        {
            _ = ControlFolder.TryMake(Folder);
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, Folder);
        }

        HandOn(Folder);
    }

    private void HandOn(string folder)
    {
        if (Controllers.Count == 0)
            return;
        string file = Path.Combine(folder, SubtreeControl);
        IReadOnlyList<string> already = GroupText.Words(GroupFile.Read(file));

        // One at a time: the file takes all of a line or nothing, and a refusal then names the one it is about.
        foreach (string controller in Controllers.Except(already))
            GroupFile.Write(file, "+" + controller);
    }
}

using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Running;

/// <summary>cgroup.freeze (Linux 5.2): a frozen process can still be killed; cgroup.events says when all stand.</summary>
internal sealed class FreezerV2 : IFreezer
{
    public void Freeze(string folder, TimeSpan limit)
    {
        GroupFile.Write(Path.Combine(folder, "cgroup.freeze"), "1");
        string file = Path.Combine(folder, "cgroup.events");
        try
        {
            using ControlFile events = ControlFile.Open(file);
            Patience patience = new(limit);
            while (GroupFile.Understand(file, events.Read(), static text => GroupText.Field(text, "frozen")) != 1)
            {
                if (!events.WaitForChange(patience.Left) && patience.Left == TimeSpan.Zero)
                {
                    Thaw(folder);
                    throw FreezerV1.TooLate(file, limit);
                }
            }
        }
        catch (LinuxException refusal)
        {
            throw CgroupException.From(refusal, file);
        }
    }

    public void Thaw(string folder) => GroupFile.Write(Path.Combine(folder, "cgroup.freeze"), "0");
}

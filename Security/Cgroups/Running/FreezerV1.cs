using System.Globalization;
using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Running;

/// <summary>freezer.state (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst): a frozen process dies of a signal only when it is thawed.</summary>
internal sealed class FreezerV1 : IFreezer
{
    private const string State = "freezer.state";

    public void Freeze(string folder, TimeSpan limit)
    {
        string file = Path.Combine(folder, State);
        Patience patience = new(limit);
        do
        {
            // Said again each time, as the kernel's text asks for: processes that were being made when it was said first may run yet.
            GroupFile.Write(file, "FROZEN");
            if (GroupFile.Read(file).AsSpan().TrimEnd('\n') is "FROZEN")
                return;
        }
        while (patience.Wait());
        Thaw(folder);
        throw TooLate(file, limit);
    }

    public void Thaw(string folder) => GroupFile.Write(Path.Combine(folder, State), "THAWED");

    internal static CgroupException TooLate(string file, TimeSpan limit) => new(
        file,
        Errno.ETIMEDOUT,
        string.Create(CultureInfo.InvariantCulture, $"freeze by {file}: not all processes stood still after {limit.TotalSeconds:0.###} s, and all go on now (ETIMEDOUT)"),
        "a process waits for a disk or a file system that does not answer: see state D in ps");
}

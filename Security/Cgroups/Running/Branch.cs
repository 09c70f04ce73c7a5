using ClawFS.Linux;
using ClawOS.Security.Cgroups.Detection;

namespace ClawOS.Security.Cgroups.Running;

/// <summary>One group's folder in one hierarchy. While the lock is held the group has an owner that lives.</summary>
/// <param name="Parent">The hierarchy.</param>
/// <param name="Folder">The folder.</param>
/// <param name="Lock">The open folder with its lock; closing it gives the group up.</param>
internal sealed record Branch(Parent Parent, string Folder, FileDescriptor Lock)
{
    internal const string Procs = "cgroup.procs";

    /// <summary>Version 1's file for one thread. A thread that moves itself by it does not wait for every processor to pass a quiet point (kernel/cgroup/cgroup.c, cgroup_procs_write_start).</summary>
    internal const string Tasks = "tasks";

    /// <summary>The folder and all below it, the deepest first.</summary>
    internal IEnumerable<string> Tree() => Tree(Folder);

    /// <summary>Processes in the group and in groups below it.</summary>
    internal IEnumerable<int> Members()
    {
        foreach (string folder in Tree())
        {
            string file = Path.Combine(folder, Procs);
            string text;
            try
            {
                text = ControlFile.ReadAll(file);
            }
            catch (LinuxException refusal) when (refusal.Error is Errno.ENOENT or Errno.ENODEV)
            {
                continue; // The group has gone meanwhile, and its processes before it.
            }
            catch (LinuxException refusal)
            {
                throw CgroupException.From(refusal, file);
            }

            foreach (int id in GroupFile.Understand(file, text, GroupText.Processes))
                yield return id;
        }
    }

    /// <summary>Removes the folder and all below it as far as they are empty.</summary>
    /// <returns>Whether all are gone.</returns>
    internal bool TryRemove()
    {
        bool gone = true;
        foreach (string folder in Tree())
        {
            try
            {
                gone &= ControlFolder.TryRemove(folder);
            }
            catch (LinuxException refusal)
            {
                throw CgroupException.From(refusal, folder);
            }
        }

        return gone;
    }

    private static IEnumerable<string> Tree(string folder)
    {
        string[] below;
        try
        {
            below = Directory.GetDirectories(folder);
        }
        catch (DirectoryNotFoundException)
        {
            yield break;
        }

        foreach (string child in below)
        {
            foreach (string deeper in Tree(child))
                yield return deeper;
        }

        yield return folder;
    }
}

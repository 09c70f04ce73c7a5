using ClawFS.Linux;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>
/// File systems in which the kernel shows itself, mounted within other folders: in a file tree that is prepared for another machine, or below "/". To root their files are switches of
/// the machine, which ask for no capability; and another /proc shows its processes.
/// </summary>
internal static class KernelMounts
{
    internal const string Processes = "proc";

    private static readonly HashSet<string> Types =
        [Processes, "sysfs", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "bpf", "configfs", "efivarfs", "pstore", "binfmt_misc", "fusectl", "selinuxfs", "smackfs", "mqueue", "resctrl", "rpc_pipefs", "nfsd", "xenfs"];

    /// <summary>Those of this machine, each with its type: of several at one place the topmost.</summary>
    internal static Dictionary<string, string> Find()
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (MountEntry entry in MountEntry.ReadAll())
        {
            if (Types.Contains(entry.Type))
            {
                found[entry.MountPoint] = entry.Type;
            }
            else
            {
                _ = found.Remove(entry.MountPoint);
            }
        }

        return found;
    }
}

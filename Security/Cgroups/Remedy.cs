using ClawFS.Linux;

namespace ClawOS.Security.Cgroups;

/// <summary>What to do about an error number of a control-group file (the reasons stand in cgroup-v2.rst and in the kernel's handlers of the files).</summary>
internal static class Remedy
{
    internal const string Delegate = "run as root, or have a part of the tree delegated: systemd-run --user --scope -p Delegate=yes COMMAND";
    internal const string ReadOnly = "the container has control groups mounted read-only: start it with a writable mount of them";
    internal const string Occupied = "processes live in the group that would have to hand it on: have the service manager start this program in a group below it (DelegateSubgroup= in the unit)";

    internal static string? For(Errno error, string file) => (error, Path.GetFileName(file)) switch
    {
        (Errno.EACCES or Errno.EPERM, _) => Delegate,
        (Errno.EROFS, _) => ReadOnly,
        (Errno.ENODEV, _) => "the group is gone: make it anew",
        (Errno.ENOENT, "cgroup.procs") => "the group is gone: make it anew",
        (Errno.ENOENT, "cgroup.subtree_control") => "the parent does not hand this controller on",
        (Errno.ENOENT, _) => "this kernel has no such limit, or the parent does not hand its controller on",
        (Errno.EBUSY, "cgroup.subtree_control") => Occupied,
        (Errno.EBUSY, "memory.limit_in_bytes") => "the group uses more and nothing more can be taken back: end some of its processes first",
        (Errno.EBUSY, "cgroup.procs") => "a group that hands on controllers takes no processes: add them to a group below it",
        (Errno.ESRCH, "cgroup.procs") => "the process has ended",
        (Errno.EINVAL, "cpu.cfs_quota_us") => "a group above allows less processor time: ask for less, or raise that one",
        (Errno.EINVAL, "cgroup.procs") => "kernel threads and, in version 1, realtime processes cannot be moved",
        (Errno.EOPNOTSUPP, "cgroup.procs") => "the group is part of a threaded subtree: use one that is not",
        (Errno.EAGAIN, _) => "cgroup.max.descendants of a group above is reached: remove groups that nobody uses, or raise it",
        (Errno.ENOMEM or Errno.ENOSPC, _) => "the kernel has no room for more groups: remove groups that nobody uses",
        _ => null,
    };
}

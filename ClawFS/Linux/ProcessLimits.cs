using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>What the kernel may do with this process: dumps, swap, open files.</summary>
public static unsafe class ProcessLimits
{
    /// <summary>
    /// No core file, and no other process of the same user may attach or read /proc/PID/mem (PR_SET_DUMPABLE 0). Call it after
    /// <see cref="ProcessIdentity.BecomeUser"/>: a change of uid resets the flag.
    /// </summary>
    public static void NoCoreDumps()
    {
        Set(NativeCalls.RlimitCore, 0, 0);
        if (NativeCalls.prctl(NativeCalls.PrSetDumpable, 0, 0, 0, 0) != 0)
            throw LinuxException.FromLast("forbid core dumps");
    }

    /// <summary>
    /// Keeps every page that this process touches, now and later, out of swap (mlockall with ONFAULT). Call it as root, before
    /// <see cref="ProcessIdentity.BecomeUser"/>.
    /// </summary>
    /// <returns>False without the right to lift RLIMIT_MEMLOCK: under a limit, every later mmap of the runtime could fail.</returns>
    public static bool TryLockAllMemory()
    {
        NativeCalls.ResourceLimit limit = new() { Soft = NativeCalls.RlimitInfinity, Hard = NativeCalls.RlimitInfinity };
        return NativeCalls.setrlimit(NativeCalls.RlimitMemlock, &limit) == 0
            && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
    }

    /// <summary>Lifts the soft limit of open files to the hard one.</summary>
    /// <returns>The limit now in force.</returns>
    public static ulong RaiseFileLimit()
    {
        NativeCalls.ResourceLimit limit = Get(NativeCalls.RlimitNoFile);
        if (limit.Soft < limit.Hard)
            Set(NativeCalls.RlimitNoFile, limit.Hard, limit.Hard);
        return limit.Hard;
    }

    private static NativeCalls.ResourceLimit Get(int resource)
    {
        NativeCalls.ResourceLimit limit;
        if (NativeCalls.getrlimit(resource, &limit) != 0)
            throw LinuxException.FromLast($"read resource limit {resource}");
        return limit;
    }

    private static void Set(int resource, ulong soft, ulong hard)
    {
        NativeCalls.ResourceLimit limit = new() { Soft = soft, Hard = hard };
        if (NativeCalls.setrlimit(resource, &limit) != 0)
            throw LinuxException.FromLast($"set resource limit {resource}");
    }
}

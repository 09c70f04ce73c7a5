using System.Runtime.InteropServices;
using ClawOS.Security.Seccomp;

namespace Sandbox.Tests.Differential;

/// <summary>System calls that can be made for the answer alone: with arguments that no call does anything with, and with those by which profiles tell calls apart.</summary>
internal static class CallQuestions
{
    // They end, copy, stop or signal the process that asks, wait for good, or set what it dies of later.
    private static readonly string[] Never =
    [
        "exit", "exit_group", "fork", "vfork", "clone", "clone3", "pause", "rt_sigreturn", "rt_sigsuspend", "kill", "tkill", "tgkill", "alarm", "set_tid_address", "uretprobe", "uprobe", "restart_syscall",
        "sync", "vhangup", "reboot", "sched_yield", "umask", "munlockall", "wait4", "execve", "execveat", "seccomp", "setsid", "write", "userfaultfd", "inotify_init", "rseq", "set_robust_list",
    ];

    private static readonly ulong[] Commands = [0x5401, 0x5412, 0x541C, 0x100005412, 0x5413, 0x541B, 0xAE01];
    private static readonly ulong[] Families = [0, 1, 2, 10, 16, 17, 31, 38, 40, 44];

    /// <summary>All questions: a number and six arguments.</summary>
    internal static IReadOnlyList<(int Number, ulong[] Arguments)> All { get; } = [.. Make()];

    private static IEnumerable<(int, ulong[])> Make()
    {
        const ulong None = ulong.MaxValue;
        SyscallTable table = SyscallTable.For(RuntimeInformation.ProcessArchitecture);
        foreach (string name in table.Names.Except(Never).Order(StringComparer.Ordinal))
        {
            _ = table.TryGetNumber(name, out int number);
            yield return (number, [None, None, None, None, None, None]);
        }

        foreach ((string name, int at, ulong[] values) in ((string, int, ulong[])[])[("ioctl", 1, Commands), ("socket", 0, Families), ("socketpair", 0, Families), ("personality", 0, [0xFFFFFFFF])])
        {
            _ = table.TryGetNumber(name, out int number);
            foreach (ulong value in values)
            {
                ulong[] arguments = [None, None, None, None, None, None];
                arguments[at] = value;
                yield return (number, arguments);
            }
        }
    }
}

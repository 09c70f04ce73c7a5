using System.Globalization;
using System.Runtime.InteropServices;

namespace ClawOS.Security.Seccomp;

/// <summary>Finds the smallest profile under which a recorded program still runs.</summary>
public static class ProfilePruning
{
    /// <summary>
    /// What every start needs beside what a program calls itself: the launcher's hand-over, the dynamic linker, the C library's first and last steps, and
    /// what the kernel calls in the program's name. A recording may miss each of them, because it begins or ends in their midst.
    /// </summary>
    internal static IReadOnlyList<string> StartNames { get; } =
    [
        "access", "arch_prctl", "brk", "close", "close_range", "execve", "exit", "exit_group", "faccessat", "fstat", "futex", "getrandom", "mmap", "mprotect", "munmap",
        "newfstatat", "open", "openat", "pread64", "prlimit64", "read", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "set_robust_list",
        "set_tid_address", "stat", "write",
    ];

    /// <summary>
    /// Proposes a profile for one architecture: of the base's allowed calls those that were recorded and those that every start needs, under the base's
    /// conditions. Unconditional refusals of the base stay, so that their errors stay.
    /// </summary>
    /// <param name="ceiling">The base, which the proposal only narrows.</param>
    /// <param name="recorded">What was called; counts of the same name are added.</param>
    /// <param name="architecture">Where it was recorded.</param>
    /// <param name="name">The proposal's name.</param>
    /// <exception cref="SeccompException">The base is not made for the architecture, or allows by default.</exception>
    public static PrunedProfile Propose(SeccompProfile ceiling, IEnumerable<RecordedCall> recorded, Architecture architecture, string name)
    {
        SyscallTable table = SyscallTable.For(architecture);
        if (!ceiling.Architectures.Contains(architecture))
        {
            throw new SeccompException($"profile {ceiling.Name} is not made for {table.ProfileName}");
        }

        if (ceiling.DefaultAction.Kind is ActionKind.Allow or ActionKind.Log)
        {
            throw new SeccompException($"profile {ceiling.Name} allows what it does not name, so there is nothing to leave out");
        }

        Dictionary<string, long> counts = recorded.GroupBy(static call => call.Name).ToDictionary(static calls => calls.Key, static calls => calls.Sum(static call => call.Count));
        IReadOnlyList<string> allowed = ceiling.Allowed(architecture);
        HashSet<string> kept = [.. allowed.Where(call => counts.ContainsKey(call) || StartNames.Contains(call))];
        SeccompProfile proposal = new(name, $"Proposed from a recording, within {ceiling.Name}.", ceiling.DefaultAction, [architecture], Groups(ceiling, kept, counts, table));
        return new(
            proposal,
            [.. counts.Where(pair => !kept.Contains(pair.Key)).OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => new RecordedCall(pair.Key, pair.Value))],
            [.. allowed.Where(call => !kept.Contains(call))]);
    }

    private static List<SyscallGroup> Groups(SeccompProfile ceiling, HashSet<string> kept, Dictionary<string, long> counts, SyscallTable table)
    {
        List<SyscallGroup> groups = [];
        foreach (SyscallGroup group in ceiling.Groups)
        {
            // What is kept for every argument goes into the two groups at the end: for its own name an unconditional group is the last anyway.
            bool moves = group is { IsUnconditional: true, Action.Kind: ActionKind.Allow };
            bool refuses = group.IsUnconditional && group.Action.Kind is not (ActionKind.Allow or ActionKind.Log);
            List<string> names = moves ? [] : [.. group.Names.Where(call => table.TryGetNumber(call, out _) && (refuses || kept.Contains(call)))];
            if (names.Count > 0)
            {
                groups.Add(new(names, group.Action, group.Arguments, refuses ? group.Comment : $"{Reason(names, counts)} {group.Comment}"));
            }
        }

        List<string> moved = [.. ceiling.Groups.Where(static group => group is { IsUnconditional: true, Action.Kind: ActionKind.Allow }).SelectMany(static group => group.Names).Where(kept.Contains).Order(StringComparer.Ordinal)];
        Append(groups, [.. moved.Where(counts.ContainsKey)], counts);
        Append(groups, [.. moved.Where(call => !counts.ContainsKey(call))], counts);
        return groups;
    }

    private static void Append(List<SyscallGroup> groups, List<string> names, Dictionary<string, long> counts)
    {
        if (names.Count > 0)
        {
            groups.Add(new(names, FilterAction.Allow, [], Reason(names, counts)));
        }
    }

    private static string Reason(List<string> names, Dictionary<string, long> counts)
    {
        long calls = names.Sum(name => counts.GetValueOrDefault(name));
        return calls == 0 ? "Not recorded, but every start needs it." : string.Create(CultureInfo.InvariantCulture, $"Recorded: {calls} {(calls == 1 ? "call" : "calls")}.");
    }
}

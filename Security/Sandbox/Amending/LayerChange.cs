using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>What a new policy means for the layers that no amendment reaches: the filter of system calls, the time and the sizes that were set at the launch.</summary>
/// <param name="launched">The policy of the launch.</param>
/// <param name="wanted">The policy that shall hold now.</param>
internal sealed class LayerChange(EffectivePolicy launched, EffectivePolicy wanted)
{
    private const string Syscalls = "syscalls: the filter of a running command stays; the new one holds from the next launch on";
    private const string Limits = "limits: wall time and disk hold as launched; the new ones from the next launch on";

    /// <summary>What is not done before the next launch.</summary>
    internal IEnumerable<string> Notes => [.. DiffersInCalls ? [Syscalls] : Array.Empty<string>(), .. DiffersInLimits ? [Limits] : Array.Empty<string>()];

    /// <summary>Of those, what the new policy takes away.</summary>
    internal IEnumerable<string> Kept => [.. TakesCalls ? [Syscalls] : Array.Empty<string>(), .. TakesLimits ? [Limits] : Array.Empty<string>()];

    private bool DiffersInCalls =>
        wanted.SyscallProfile != launched.SyscallProfile
        || !wanted.SyscallAdditions.SequenceEqual(launched.SyscallAdditions)
        || !wanted.SyscallsAsked.SequenceEqual(launched.SyscallsAsked)
        || (wanted.SyscallsOnly is null) != (launched.SyscallsOnly is null)
        || !(wanted.SyscallsOnly ?? []).SequenceEqual(launched.SyscallsOnly ?? []);

    /// <summary>Which of two profiles is the narrower is not known, so that another one takes something away.</summary>
    private bool TakesCalls =>
        wanted.SyscallProfile != launched.SyscallProfile
        || launched.SyscallAdditions.Except(wanted.SyscallAdditions).Any()
        || wanted.SyscallsAsked.Except(launched.SyscallsAsked).Any()
        || (wanted.SyscallsOnly is { } only && (launched.SyscallsOnly is null || launched.SyscallsOnly.Except(only).Any()));

    private bool DiffersInLimits => wanted.Limits.WallTime != launched.Limits.WallTime || wanted.Limits.DiskBytes != launched.Limits.DiskBytes;

    private bool TakesLimits => IsLess(wanted.Limits.WallTime, launched.Limits.WallTime) || IsLess(wanted.Limits.DiskBytes, launched.Limits.DiskBytes);

    private static bool IsLess<T>(T? now, T? before)
        where T : struct, IComparable<T> => now is { } limit && (before is not { } old || limit.CompareTo(old) < 0);
}

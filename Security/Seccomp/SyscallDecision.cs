namespace ClawOS.Security.Seccomp;

/// <summary>What a profile says of one call.</summary>
/// <param name="Action">What happens to it.</param>
/// <param name="Group">The group that decided; null when none did, and the profile's default holds.</param>
public readonly record struct SyscallDecision(FilterAction Action, SyscallGroup? Group);

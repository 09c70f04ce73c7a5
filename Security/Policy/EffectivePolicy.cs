using ClawOS.Security.Policy.Compiling;
using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy;

/// <summary>What a policy says once its parents are joined in and its variables replaced: the one source of what every layer enforces. What nothing here allows is denied.</summary>
public sealed class EffectivePolicy
{
    /// <summary>The name of the policy: its file's name without ".toml".</summary>
    public required string Name { get; init; }

    /// <summary>Rules about files, sorted by path; of those that match, one that denies wins.</summary>
    public required IReadOnlyList<PathRule> Paths { get; init; }

    /// <summary>Programs that may be launched beside those that <see cref="Paths"/> lets execute. A command whose arguments matter is never among the latter.</summary>
    public required IReadOnlyList<CommandRule> Commands { get; init; }

    /// <summary>Hosts that may be connected to. Empty: no network at all.</summary>
    public required IReadOnlyList<HostRule> Hosts { get; init; }

    /// <summary>Names of the secrets that may be used, sorted.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>The name of the profile of system calls.</summary>
    public required string SyscallProfile { get; init; }

    /// <summary>System calls that are allowed beyond the profile, by name, sorted.</summary>
    public required IReadOnlyList<string> SyscallAdditions { get; init; }

    /// <summary>Of the profile and the additions, the only system calls that are allowed, by name, sorted; null: all of them.</summary>
    public IReadOnlyList<string>? SyscallsOnly { get; init; }

    /// <summary>System calls of which each single one waits for the owner's yes, by name, sorted.</summary>
    public IReadOnlyList<string> SyscallsAsked { get; init; } = [];

    /// <summary>Whether a file is started only by a launch that its owner said yes to. One command with <c>approve</c> is enough: once the file runs, nobody sees with which arguments it is started again.</summary>
    public bool NeedsApproval(string path) => Commands.Any(rule => rule.NeedsApproval && rule.Path == path);

    /// <summary>Whether programs in the sandbox may have further sandboxes started, within this policy.</summary>
    public bool MayLaunch { get; init; }

    /// <summary>Whether a sandbox that runs is ended when a save takes something from it that can hold only from the next launch on.</summary>
    public bool IsKilledOnRevoke { get; init; }

    /// <summary>Whether programs in the sandbox have something to ask for at a launch socket.</summary>
    public bool UsesLaunchSocket => MayLaunch || Commands.Any(rule => rule.NeedsApproval);

    /// <summary>The system calls that asking there takes, which such a policy lets pass whatever its profile says: of <c>socket</c> only what makes a local SOCK_SEQPACKET one; <c>membarrier</c> is for the runtime of the program that asks.</summary>
    public static IReadOnlyList<string> AskingCalls { get; } = ["connect", "membarrier", "sendmsg", "socket"];

    /// <summary>The budgets.</summary>
    public required Limits Limits { get; init; }

    /// <summary>Whether something of the ClawOS mount is granted, so that a sandbox has a /claw.</summary>
    public bool UsesClaw => Paths.Any(rule => !rule.IsDenied && PathPattern.IsInClaw(rule.Path)) || Commands.Any(rule => PathPattern.IsInClaw(rule.Path));

    /// <summary>Where names are written that carry no line of their own; a policy made by hand has none.</summary>
    internal IReadOnlyDictionary<Origin, SourceLine> Origins { get; init; } = new Dictionary<Origin, SourceLine>();

    internal SourceLine? OriginOf(OriginKind kind, string name) => Origins.TryGetValue(new Origin(kind, name), out SourceLine line) ? line : null;
}

using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox;

/// <summary>What a policy does not say: which command, where, for whom.</summary>
public sealed record SandboxRequest
{
    /// <summary>The command's words; the first is a path, or a name that is looked for in PATH.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The launch that the owner said yes to, from <see cref="SandboxPlan.ApprovalFor"/>; null: none. It is good for this program with these words alone.</summary>
    public ApprovedLaunch? Approved { get; init; }

    /// <summary>The working folder, absolute; null: /tmp, which is the sandbox's own.</summary>
    public string? Folder { get; init; }

    /// <summary>The environment of the command, whole.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the command keeps the caller's terminal.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Who it is; null: the caller.</summary>
    public SandboxUser? User { get; init; }

    /// <summary>The control group for the policy's limits; null: none, and the plan says which limits are missing.</summary>
    public SandboxGroup? Group { get; init; }

    /// <summary>A profile of system calls in the place of the policy's; null: the policy's. For runs that are watched, and for what was learned from them.</summary>
    internal SeccompProfile? Profile { get; init; }

    /// <summary>Whether the plan is supervised: the profile then has calls that it tells.</summary>
    internal bool IsSupervised { get; init; }

    /// <summary>Whether whoever starts the plan has the owner asked about system calls (<see cref="Asking.AskedCalls"/>); without it calls that the policy wants asked are refused.</summary>
    public bool AnswersCalls { get; init; }

    /// <summary>The name of the policy's AppArmor profile, loaded beforehand; null: none, and patterns of paths are not enforced.</summary>
    public string? AppArmorProfile { get; init; }

    /// <summary>The view that becomes /claw; null: there is no /claw, and what the policy grants there is not granted. It must be open with <see cref="SandboxPlan.ClawGrants"/> when the plan starts.</summary>
    public ClawView? Claw { get; init; }

    /// <summary>Folders of the machine that no sandbox gets, whatever its policy says: where ClawOS keeps its keys and control sockets.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];

    /// <summary>The program that stands in for commands that need approval, where programs in the sandbox can ask for them: path of claw-exec. Null: such commands cannot be started there at all.</summary>
    public string? StandIn { get; init; }

    /// <summary>What Landlock can do; null: what this kernel says.</summary>
    public LandlockSupport? Landlock { get; init; }
}

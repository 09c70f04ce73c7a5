using System.Runtime.InteropServices;

namespace ClawOS.Security.Sandbox;

/// <summary>Everything that claw-exec does for one command, decided beforehand: the launcher applies it and chooses nothing.</summary>
public sealed partial record SandboxPlan
{
    /// <summary>Absolute paths in the sandbox, tried in their order as execvp does; at least one.</summary>
    public required IReadOnlyList<string> Programs { get; init; }

    /// <summary>The file that may be executed because the owner said yes to this launch; null: none.</summary>
    public string? Approved { get; init; }

    /// <summary>argv, with the program's own name first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The environment, whole.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The working folder, as the sandbox sees it.</summary>
    public string Folder { get; init; } = "/";

    /// <summary>The host name that the sandbox sees, at most 64 bytes.</summary>
    public string HostName { get; init; } = "claw";

    /// <summary>What is laid into the empty root, in this order.</summary>
    public IReadOnlyList<ViewItem> View { get; init; } = [];

    /// <summary>Who the command is, inside and outside.</summary>
    public required SandboxUser User { get; init; }

    /// <summary>What Landlock enforces; null leaves Landlock away, which is for comparisons alone.</summary>
    public LandlockPlan? Landlock { get; init; }

    /// <summary>The AppArmor profile that the command enters at its start; it must be loaded. Null: none.</summary>
    public string? AppArmorProfile { get; init; }

    /// <summary>seccomp filters, each an array of struct sock_filter, loaded in this order; execve must pass all of them, exit_group and write too where a failed start shall be told.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Filters { get; init; } = [];

    /// <summary>Whether the last filter tells its calls to whoever starts the plan and waits for an answer (<see cref="SandboxRun.TakeListener"/>). It must let sendmsg on descriptor 1000, write and exit_group pass.</summary>
    public bool IsSupervised { get; init; }

    /// <summary>Resource limits of the command (setrlimit(2)).</summary>
    public IReadOnlyList<ResourceLimit> Limits { get; init; } = [];

    /// <summary>From start to end; null: no limit. At most 49 days, told to the millisecond.</summary>
    public TimeSpan? WallTime { get; init; }

    /// <summary>Open cgroup.procs files (tasks files in version 1) that the command's processes enter, the launcher not. Owned by the caller.</summary>
    public IReadOnlyList<SafeHandle> Cgroups { get; init; } = [];

    /// <summary>The open folder of the group, of version 2, that the last of <see cref="Cgroups"/> enters: process 1 is made in it, which is faster than entering. Null: none. Owned by the caller.</summary>
    public SafeHandle? CgroupFolder { get; init; }

    /// <summary>Whether the command leads a session of its own, and so has no terminal to control.</summary>
    public bool NewSession { get; init; } = true;

    /// <summary>Whether the terminal's interrupt and quit keys are for the command alone; claw-exec ignores SIGINT and SIGQUIT then.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>Whether the loopback device, the only one that the sandbox has, is on.</summary>
    public bool Loopback { get; init; } = true;

    /// <summary>An existing folder of the machine over which the root is mounted while it is built.</summary>
    public string Stage { get; init; } = "/tmp";

    /// <summary>What is bound over places of the view that is /claw.</summary>
    public IReadOnlyList<ClawGrant> ClawGrants { get; init; } = [];

    /// <summary>What was asked for and is enforced by nothing here: the kernel lacks it, or no layer can say it. Whoever starts the plan shows it.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Denied paths that did not exist when the plan was made, in folders that the command may write: whoever starts the plan can look for them when it has ended.</summary>
    public IReadOnlyList<string> Makeable { get; init; } = [];

    /// <summary>What is narrower than what was asked for, with the reason; for people.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

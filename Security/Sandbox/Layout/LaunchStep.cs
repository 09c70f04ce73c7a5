namespace ClawOS.Security.Sandbox;

/// <summary>The steps of claw-exec, in their order; a refusal names the one that failed. The numbers are in the result record and never change meaning.</summary>
public enum LaunchStep
{
    /// <summary>None failed.</summary>
    None = 0,

    /// <summary>Read the plan from its descriptor.</summary>
    ReadPlan = 1,

    /// <summary>Check every offset, count and text of the plan.</summary>
    CheckPlan = 2,

    /// <summary>Make the process in its new namespaces.</summary>
    Clone = 3,

    /// <summary>Write uid_map and gid_map.</summary>
    MapUsers = 4,

    /// <summary>Enter the control groups and the cgroup namespace.</summary>
    EnterCgroups = 5,

    /// <summary>Make the mounts of the new mount namespace private.</summary>
    PrivateMounts = 6,

    /// <summary>Open what a mount of the plan brings in.</summary>
    OpenSource = 7,

    /// <summary>Take the uid and gid of the plan.</summary>
    TakeIdentity = 8,

    /// <summary>Mount the tmpfs that becomes the root.</summary>
    MountRoot = 9,

    /// <summary>Lay one item of the plan into the root.</summary>
    Mount = 10,

    /// <summary>Exchange the root and drop the old one.</summary>
    PivotRoot = 11,

    /// <summary>Set the host name.</summary>
    SetHostName = 12,

    /// <summary>Switch the loopback device on.</summary>
    EnableLoopback = 13,

    /// <summary>Drop every capability for good.</summary>
    DropCapabilities = 14,

    /// <summary>Forbid new privileges.</summary>
    ForbidPrivileges = 15,

    /// <summary>Make the process of the command.</summary>
    Fork = 16,

    /// <summary>Begin a new session.</summary>
    BeginSession = 17,

    /// <summary>Enter the working folder.</summary>
    EnterFolder = 18,

    /// <summary>Make the Landlock ruleset, or find it too old for what the plan asks.</summary>
    MakeRuleset = 19,

    /// <summary>Add one path to the ruleset.</summary>
    AddPathRule = 20,

    /// <summary>Put the ruleset in force.</summary>
    RestrictSelf = 21,

    /// <summary>Set a resource limit.</summary>
    SetLimit = 22,

    /// <summary>Close the descriptors that the command does not get.</summary>
    CloseDescriptors = 23,

    /// <summary>Load a seccomp filter.</summary>
    LoadFilter = 24,

    /// <summary>Execute the program.</summary>
    Execute = 25,

    /// <summary>Send the listener of the last filter to whoever supervises the command.</summary>
    HandOver = 26,

    /// <summary>Ask AppArmor for the change of profile at exec. Comes before Landlock.</summary>
    AskTransition = 27,

    /// <summary>Look at standard input, output and error: none may be a folder. Comes before <see cref="Clone"/>.</summary>
    CheckStreams = 28,

    /// <summary>An amendment: enter the namespaces of the sandbox, as its user.</summary>
    JoinSandbox = 40,

    /// <summary>An amendment: finish in its time.</summary>
    Amend = 41,
}

namespace ClawOS.Security.Seccomp;

/// <summary>What the kernel may do with a system call: the actions of seccomp(2) that a profile can name.</summary>
public enum ActionKind
{
    /// <summary>The call is made.</summary>
    Allow,

    /// <summary>The call is made and written to the audit log.</summary>
    Log,

    /// <summary>A supervisor with the listener descriptor decides (ENOSYS where there is none).</summary>
    UserNotify,

    /// <summary>The call is not made and returns an error.</summary>
    Errno,

    /// <summary>The call is not made and the thread gets SIGSYS.</summary>
    Trap,

    /// <summary>The process ends as by SIGSYS, with all its threads.</summary>
    KillProcess,
}

namespace ClawOS.Security.Seccomp;

/// <summary>An action with its error number, as a filter returns it to the kernel (linux/seccomp.h).</summary>
public readonly record struct FilterAction
{
    /// <summary>The largest error number that the kernel passes on (MAX_ERRNO).</summary>
    public const int MaxErrno = 4095;

    private FilterAction(ActionKind kind, int errno = 0) => (Kind, Errno) = (kind, errno);

    /// <summary>The call is made.</summary>
    public static FilterAction Allow { get; } = new(ActionKind.Allow);

    /// <summary>What the kernel does.</summary>
    public ActionKind Kind { get; }

    /// <summary>The error of <see cref="ActionKind.Errno"/>, 1 to <see cref="MaxErrno"/>; else 0.</summary>
    public int Errno { get; }

    /// <summary>The value that a filter returns for it.</summary>
    public uint ReturnValue => Kind switch
    {
        ActionKind.Allow => 0x7FFF0000,
        ActionKind.Log => 0x7FFC0000,
        ActionKind.UserNotify => 0x7FC00000,
        ActionKind.Errno => 0x00050000 | (uint)Errno,
        ActionKind.Trap => 0x00030000,
        _ => 0x80000000,
    };

    /// <summary>Its name in a profile, like SCMP_ACT_ALLOW.</summary>
    public string ProfileName => s_names[(int)Kind];

    /// <summary>In the order of <see cref="ActionKind"/>.</summary>
    private static readonly string[] s_names =
        ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_ERRNO", "SCMP_ACT_TRAP", "SCMP_ACT_KILL_PROCESS"];

    /// <summary>The names that a profile may use.</summary>
    internal static IReadOnlyList<string> ProfileNames => s_names;

    /// <summary>The call returns an error.</summary>
    /// <param name="errno">1 to <see cref="MaxErrno"/>: 0 would claim success for a call that was not made.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not in that range.</exception>
    public static FilterAction Refuse(int errno)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(errno, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(errno, MaxErrno);
        return new(ActionKind.Errno, errno);
    }

    /// <summary>An action that needs no error number.</summary>
    /// <exception cref="ArgumentException">It needs one: use <see cref="Refuse"/>.</exception>
    public static FilterAction Of(ActionKind kind) =>
        kind == ActionKind.Errno ? throw new ArgumentException("an error number is needed", nameof(kind)) : new(kind);

    /// <summary>Like "allow" or "errno 38".</summary>
    public override string ToString() => Kind switch
    {
        ActionKind.Errno => $"errno {Errno}",
        ActionKind.KillProcess => "kill",
        ActionKind.UserNotify => "notify",
        _ => Kind.ToString().ToLowerInvariant(),
    };
}

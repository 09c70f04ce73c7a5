namespace ClawOS.Security.Sandbox;

/// <summary>A limit of setrlimit(2).</summary>
/// <param name="Kind">Which.</param>
/// <param name="Soft">What is in force.</param>
/// <param name="Hard">How far the command may raise it.</param>
public readonly record struct ResourceLimit(ResourceKind Kind, ulong Soft, ulong Hard);

/// <summary>The resources that plans limit, by the kernel's numbers (asm-generic/resource.h).</summary>
public enum ResourceKind
{
    /// <summary>RLIMIT_FSIZE: the largest file in bytes.</summary>
    FileSize = 1,

    /// <summary>RLIMIT_CORE: the largest core file in bytes.</summary>
    Core = 4,

    /// <summary>RLIMIT_NPROC: processes and threads of the user, counted in the sandbox's user namespace.</summary>
    Processes = 6,

    /// <summary>RLIMIT_NOFILE: one more than the highest descriptor.</summary>
    OpenFiles = 7,
}

using System.Runtime.InteropServices;

namespace ClawOS.Security.Exec;

/// <summary>
/// The one way to the kernel. After clone only these calls are made: they neither allocate nor enter the runtime (SuppressGCTransition), which
/// in the child has lost its other threads.
/// </summary>
internal static unsafe partial class Kernel
{
    internal const int ENOENT = 2, EINTR = 4, ENXIO = 6, EAGAIN = 11, EBUSY = 16, EEXIST = 17, EISDIR = 21, EINVAL = 22, ENOSYS = 38, EOPNOTSUPP = 95, ECONNRESET = 104, ETIMEDOUT = 110, ECONNREFUSED = 111, ESTALE = 116;

    /// <summary>Start at the working folder (AT_FDCWD).</summary>
    internal const nint Here = -100;

    /// <summary>The errno of the call that failed last.</summary>
    internal static int Error
    {
        get => *__errno_location();
        set => *__errno_location() = value;
    }

    /// <summary>Makes a system call; arguments that it does not have are ignored by the kernel.</summary>
    /// <returns>What the kernel answers; -1 with <see cref="Error"/> set where it failed.</returns>
    internal static nint Call(nint number, nint a = 0, nint b = 0, nint c = 0, nint d = 0, nint e = 0) => syscall(number, a, b, c, d, e, 0);

    /// <summary>Ends this process at once.</summary>
    internal static void Exit(int code) => Call(CallNumber.ExitGroup, code);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e, nint f);

    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int* __errno_location();
}

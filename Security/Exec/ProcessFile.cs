using System.Buffers.Text;

namespace ClawOS.Security.Exec;

/// <summary>Files of /proc/PID of a child.</summary>
internal static unsafe class ProcessFile
{
    private const nint CloseOnExec = 0x80000;

    /// <summary>Opens one.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">Below /proc/PID: begins with a slash, ends with a zero byte, at most 24 bytes.</param>
    /// <param name="flags">O_RDONLY or O_WRONLY.</param>
    /// <returns>The descriptor, or -1.</returns>
    internal static nint Open(int pid, ReadOnlySpan<byte> name, nint flags)
    {
        Span<byte> path = stackalloc byte[48];
        "/proc/"u8.CopyTo(path);
        Utf8Formatter.TryFormat(pid, path[6..], out int digits);
        name.CopyTo(path[(6 + digits)..]);
        fixed (byte* file = path)
        {
            return Kernel.Call(CallNumber.Openat, Kernel.Here, (nint)file, flags | CloseOnExec);
        }
    }

    /// <summary>
    /// Opens a child's user and mount namespaces and keeps them until this process ends: who may read this process's descriptors finds them there to amend
    /// the sandbox, while the child itself lets nobody look.
    /// </summary>
    internal static void HoldNamespaces(int pid)
    {
        Open(pid, "/ns/user\0"u8, 0);
        Open(pid, "/ns/mnt\0"u8, 0);
    }
}

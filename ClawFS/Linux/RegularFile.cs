using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>Opens files whose names come from people.</summary>
public static unsafe class RegularFile
{
    // O_PATH (open(2)), which Tmds.LibC does not name.
    private const int PathOnly = 0x200000;

    /// <summary>Opens for reading; links are followed. What is no regular file is refused without opening it: a pipe would wait for a writer, a device may do anything.</summary>
    /// <exception cref="LinuxException">EINVAL: a pipe, socket or device. EISDIR. What open(2) reports.</exception>
    public static SafeFileHandle OpenRead(string path)
    {
        using FileDescriptor found = Open(path, PathOnly);
        using Borrowed fd = new(found);
        stat status;
        if (fstat(fd.Number, &status) != 0)
            throw LinuxException.FromLast($"stat {path}");
        mode_t type = status.st_mode & S_IFMT;
        if (type != S_IFREG)
            throw new LinuxException(type == S_IFDIR ? Errno.EISDIR : Errno.EINVAL, $"open {path}");
        // Through the descriptor, so that it is the file that was looked at (proc(5), /proc/PID/fd).
        using FileDescriptor opened = Open($"/proc/self/fd/{fd.Number}", O_RDONLY);
        SafeFileHandle handle = new(opened.DangerousGetHandle(), ownsHandle: true);
        opened.SetHandleAsInvalid();
        return handle;
    }

    private static FileDescriptor Open(string path, int flags)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + "\0"))
        {
            int file = open(bytes, flags | O_CLOEXEC, 0);
            return file >= 0 ? new FileDescriptor(file) : throw LinuxException.FromLast($"open {path}");
        }
    }
}

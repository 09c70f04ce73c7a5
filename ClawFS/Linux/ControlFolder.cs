using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>
/// Folders that are objects of the kernel, like control groups: mkdir makes one, rmdir ends it, and flock(2) on it says who owns it. A lock on
/// the folder itself goes when its owner dies, however it dies, and needs no file, which such a file system would not take.
/// </summary>
public static class ControlFolder
{
    /// <summary>Makes a folder.</summary>
    /// <param name="path">Its path; the parent must be there.</param>
    /// <param name="mode">Permission bits, subject to umask.</param>
    /// <returns>False when the name is there already.</returns>
    /// <exception cref="LinuxException">EACCES, EROFS, EAGAIN and what else mkdir(2) says.</exception>
    public static bool TryMake(string path, uint mode = 0x1ED) =>
        ControlCalls.mkdir(path, mode) == 0 || (LinuxException.Last == Errno.EEXIST ? false : throw LinuxException.FromLast($"mkdir {path}"));

    /// <summary>Removes a folder.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>False while something is in it (EBUSY, ENOTEMPTY). True, too, when it was gone already.</returns>
    /// <exception cref="LinuxException">What else rmdir(2) says.</exception>
    public static bool TryRemove(string path) => ControlCalls.rmdir(path) == 0 || LinuxException.Last switch
    {
        Errno.ENOENT or Errno.ENODEV => true,
        Errno.EBUSY or Errno.ENOTEMPTY => false,
        _ => throw LinuxException.FromLast($"rmdir {path}"),
    };

    /// <summary>Opens a folder, to name it to the kernel.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The descriptor, close-on-exec.</returns>
    /// <exception cref="LinuxException">ENOENT, EACCES and what else open(2) says.</exception>
    public static FileDescriptor Open(string path)
    {
        int number = ControlCalls.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        return number >= 0 ? new FileDescriptor(number) : throw LinuxException.FromLast($"open {path}");
    }

    /// <summary>Opens a folder and takes its lock if nobody has it.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The descriptor, whose closing gives the lock back; null when another open descriptor has it.</returns>
    /// <exception cref="LinuxException">ENOENT, EACCES and what else open(2) and flock(2) say.</exception>
    public static FileDescriptor? TryLock(string path) => Lock(path, NativeCalls.LockNonBlocking);

    /// <summary>Opens a folder and takes its lock, waiting for who has it.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The descriptor, whose closing gives the lock back.</returns>
    /// <exception cref="LinuxException">ENOENT, EACCES and what else open(2) and flock(2) say.</exception>
    public static FileDescriptor Lock(string path) => Lock(path, 0)!;

    private static FileDescriptor? Lock(string path, int flags)
    {
        FileDescriptor descriptor = Open(path);
        using Borrowed fd = new(descriptor);
        while (NativeCalls.flock(fd.Number, NativeCalls.LockExclusive | flags) != 0)
        {
            Errno error = LinuxException.Last;
            if (error == Errno.EINTR)
                continue;
            descriptor.Dispose();
            return error == Errno.EAGAIN ? null : throw new LinuxException(error, $"lock {path}");
        }

        return descriptor;
    }
}

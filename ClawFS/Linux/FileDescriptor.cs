using System.Runtime.InteropServices;
using Tmds.Linux;

namespace ClawFS.Linux;

/// <summary>
/// An owned file descriptor. Descriptors are close-on-exec unless <see cref="SetInheritable"/> says otherwise, so that no
/// child gets one by accident.
/// </summary>
public sealed class FileDescriptor : SafeHandle
{
    /// <summary>Owns a descriptor that was just made with its close-on-exec flag set.</summary>
    public FileDescriptor(int number)
        : base(-1, ownsHandle: true)
    {
        SetHandle(number);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>Takes over a descriptor by its number, as a child does with one it inherited, and sets close-on-exec.</summary>
    /// <exception cref="LinuxException">EBADF: there is no such descriptor.</exception>
    public static FileDescriptor Adopt(int number)
    {
        FileDescriptor descriptor = new(number);
        try
        {
            descriptor.SetInheritable(false);
            return descriptor;
        }
        catch (LinuxException)
        {
            // What is not open must not be closed at finalization: the number may be somebody else's by then.
            descriptor.SetHandleAsInvalid();
            throw;
        }
    }

    /// <summary>A second descriptor for the same open file, close-on-exec.</summary>
    /// <exception cref="LinuxException">EMFILE and what else fcntl(2) F_DUPFD_CLOEXEC reports.</exception>
    public FileDescriptor Dup()
    {
        using Borrowed fd = new(this);
        int copy = LibC.fcntl(fd.Number, LibC.F_DUPFD_CLOEXEC, 0);
        return copy >= 0 ? new FileDescriptor(copy) : throw LinuxException.FromLast($"dup fd {fd.Number}");
    }

    /// <summary>Whether a number is open and kept by programs that are started from here. What this process was started with is; what its runtime opened is not.</summary>
    public static bool IsInheritable(int number) => LibC.fcntl(number, LibC.F_GETFD, 0) is >= 0 and int flags && (flags & LibC.FD_CLOEXEC) == 0;

    /// <summary>Whether a program started from here keeps the descriptor (clears or sets FD_CLOEXEC).</summary>
    public void SetInheritable(bool inheritable)
    {
        using Borrowed fd = new(this);
        if (LibC.fcntl(fd.Number, LibC.F_SETFD, inheritable ? 0 : LibC.FD_CLOEXEC) != 0)
            throw LinuxException.FromLast($"set flags of fd {fd.Number}");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}

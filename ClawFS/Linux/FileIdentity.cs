using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>Which file an open descriptor is, and when it was last written, as the file system tells it.</summary>
/// <param name="Device">Number of the file system (st_dev).</param>
/// <param name="Inode">Number of the file there.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedSeconds">Last change of its content, seconds since 1970.</param>
/// <param name="ModifiedNanoseconds">And nanoseconds.</param>
public readonly record struct FileIdentity(ulong Device, ulong Inode, long Size, long ModifiedSeconds, long ModifiedNanoseconds)
{
    /// <summary>Asks the file system.</summary>
    /// <param name="file">An open descriptor.</param>
    /// <exception cref="LinuxException">What fstat(2) reports.</exception>
    public static unsafe FileIdentity Of(SafeHandle file)
    {
        using Borrowed fd = new(file);
        stat status;
        return fstat(fd.Number, &status) == 0
            ? new FileIdentity((ulong)status.st_dev, (ulong)status.st_ino, (long)status.st_size, (long)status.st_mtim.tv_sec, (long)status.st_mtim.tv_nsec)
            : throw LinuxException.FromLast("stat an open file");
    }
}

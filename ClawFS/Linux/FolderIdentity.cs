using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace ClawFS.Linux;

/// <summary>Which folder a descriptor or a path leads to, whatever it is called and wherever it is mounted.</summary>
/// <param name="Device">Number of the file system (st_dev).</param>
/// <param name="Inode">Number of the folder there.</param>
public readonly record struct FolderIdentity(ulong Device, ulong Inode)
{
    /// <summary>Asks about an open descriptor, which may be one of O_PATH.</summary>
    /// <exception cref="LinuxException">ENOTDIR: it is no folder. What fstat(2) reports.</exception>
    public static unsafe FolderIdentity Of(SafeHandle folder)
    {
        using Borrowed fd = new(folder);
        stat status;
        return fstat(fd.Number, &status) != 0 ? throw LinuxException.FromLast("stat a folder")
            : (status.st_mode & S_IFMT) != S_IFDIR ? throw new LinuxException(Errno.ENOTDIR, "stat a folder")
            : new FolderIdentity((ulong)status.st_dev, (ulong)status.st_ino);
    }

    /// <summary>Asks about a path; links are followed.</summary>
    /// <exception cref="LinuxException">What open(2) reports; ENOTDIR: it is no folder.</exception>
    public static FolderIdentity Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileDescriptor folder = LocalAddress.OpenFolder(path);
        return Of(folder);
    }
}

using Microsoft.Win32.SafeHandles;
using System.Globalization;
using System.Runtime.InteropServices;
using static ClawFS.Linux.MountCalls;

namespace ClawFS.Linux;

/// <summary>How to take a mount away.</summary>
public enum UnmountMode
{
    /// <summary>Only when nothing uses it; the kernel writes dirty pages back first. In use: EBUSY.</summary>
    WhenIdle,

    /// <summary>Gone from the tree at once, really gone when its last user closes (MNT_DETACH): for mounts whose server is dead.</summary>
    Detach,

    /// <summary>The connection is aborted, so that everybody who waits in the mount gets ECONNABORTED, then detached.</summary>
    Abort,
}

/// <summary>Mounting FUSE file systems with mount(2): needs CAP_SYS_ADMIN. <see cref="FuserMount"/> is the way without.</summary>
public static class FuseMount
{
    /// <summary>The type that mountinfo shows: "fuse." plus our subtype.</summary>
    public const string Type = "fuse.clawfs";

    /// <summary>Most bytes a READ request may ask for; the same as the largest WRITE.</summary>
    public const int MaxRead = 1 << 20;

    private const string Device = "/dev/fuse";

    /// <summary>Opens /dev/fuse: one descriptor is one connection, and can be mounted once.</summary>
    /// <exception cref="IOException">The module is not loaded, or the device is not allowed here (containers).</exception>
    public static SafeFileHandle OpenDevice() => File.OpenHandle(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    /// <summary>Mounts the connection behind <paramref name="device"/>; returns before its server has answered INIT.</summary>
    /// <param name="device">From <see cref="OpenDevice"/>.</param>
    /// <param name="mountPoint">An existing folder.</param>
    /// <param name="readOnly">Mounts read-only: the kernel then refuses writes itself.</param>
    /// <exception cref="LinuxException">EPERM without privilege; ENOENT, ENOTDIR for a bad folder.</exception>
    public static void Mount(SafeHandle device, string mountPoint, bool readOnly)
    {
        ArgumentNullException.ThrowIfNull(device);
        using Borrowed borrowed = new(device);
        string data = string.Create(
            CultureInfo.InvariantCulture,
            $"fd={borrowed.Number},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions,max_read={MaxRead}");
        ulong flags = MS_NOSUID | MS_NODEV | (readOnly ? MS_RDONLY : 0);
        if (mount("clawfs", mountPoint, Type, flags, data) != 0)
        {
            throw new LinuxException(LinuxException.Last, $"mount {mountPoint}");
        }
    }

    /// <summary>Takes a mount away.</summary>
    /// <param name="mountPoint">Where it is mounted.</param>
    /// <param name="mode">What to do about its users.</param>
    /// <returns>Ok, EBUSY (in use), EINVAL (not a mount point), EPERM.</returns>
    public static Errno Unmount(string mountPoint, UnmountMode mode)
    {
        int flags = UMOUNT_NOFOLLOW | mode switch
        {
            UnmountMode.Detach => MNT_DETACH,
            UnmountMode.Abort => MNT_DETACH | MNT_FORCE,
            _ => 0,
        };
        return umount2(mountPoint, flags) == 0 ? Errno.Ok : LinuxException.Last;
    }

    /// <summary>
    /// Sets how far the kernel reads ahead on this mount. The default of 128 KiB makes one sequential reader wait for eight
    /// round trips where one would do.
    /// </summary>
    /// <param name="mount">The mount.</param>
    /// <param name="kibibytes">The window in KiB.</param>
    /// <returns>False where /sys does not allow it; reads are then only slower.</returns>
    public static bool TrySetReadAhead(MountEntry mount, int kibibytes)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return TryWrite($"/sys/class/bdi/{mount.Device}/read_ahead_kb", kibibytes.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Aborts the connection of a mount through /sys/fs/fuse/connections: every waiting and later call fails at once.</summary>
    /// <param name="mount">The mount; also one that is detached already.</param>
    /// <returns>False where the control file system is not mounted; <see cref="UnmountMode.Abort"/> needs it not.</returns>
    public static bool TryAbort(MountEntry mount)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return TryWrite(string.Create(CultureInfo.InvariantCulture, $"/sys/fs/fuse/connections/{mount.Minor}/abort"), "1");
    }

    private static bool TryWrite(string path, string value)
    {
        try
        {
            File.WriteAllText(path, value);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

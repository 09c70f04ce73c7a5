using ClawFS.Linux;
using Microsoft.Win32.SafeHandles;

namespace ClawFS.Supervisor;

/// <summary>
/// The mount as the supervisor holds it: its own copy of the /dev/fuse descriptor keeps the connection alive while fs is
/// away. Nothing here opens a path below the mount point: with the descriptor in hand that could never be killed.
/// </summary>
internal sealed class MountPoint(SupervisorOptions options)
{
    private const int ReadAheadKib = 1024;
    private readonly bool root = ProcessIdentity.Uid == 0;
    private MountEntry? entry;

    /// <summary>The connection; null when not mounted.</summary>
    internal SafeFileHandle? Connection { get; private set; }

    /// <summary>Mounts a new connection.</summary>
    /// <exception cref="IOException">It cannot be mounted; the message says why.</exception>
    internal SafeFileHandle Attach()
    {
        if (root)
        {
            Connection = FuseMount.OpenDevice();
            FuseMount.Mount(Connection, options.Mount, options.ReadOnly);
        }
        else
        {
            Connection = FuserMount.Mount(options.Mount, options.ReadOnly, options.AllowOther);
        }

        entry = MountEntry.FindAt(options.Mount);
        return Connection;
    }

    /// <summary>Sets the read-ahead window; only after INIT, whose answer the kernel would put in its place.</summary>
    internal void SetReadAhead()
    {
        if (root && entry is not null)
        {
            _ = FuseMount.TrySetReadAhead(entry, ReadAheadKib);
        }
    }

    /// <summary>Takes the mount away if nobody uses it. Waits while the kernel writes dirty pages back to fs.</summary>
    /// <returns>Ok (or it was gone already), EBUSY, or another error.</returns>
    internal Errno TryDetach()
    {
        if (!IsMounted)
        {
            return Errno.Ok;
        }

        if (root)
        {
            return FuseMount.Unmount(options.Mount, UnmountMode.WhenIdle);
        }

        return FuserMount.Unmount(options.Mount, lazy: false, out _) ? Errno.Ok : Errno.EBUSY;
    }

    /// <summary>Ends the connection for everybody at once and takes the mount away.</summary>
    internal void Abort()
    {
        if (entry is not null && Connection is not null)
        {
            _ = FuseMount.TryAbort(entry); // Without the control file system the forced unmount aborts, or the last close does.
        }

        if (IsMounted)
        {
            if (root)
            {
                _ = FuseMount.Unmount(options.Mount, UnmountMode.Abort);
            }
            else
            {
                _ = FuserMount.Unmount(options.Mount, lazy: true, out _);
            }
        }

        Release();
    }

    /// <summary>Closes our copy of the descriptor and forgets the mount: its device number may soon be another's.</summary>
    internal void Release()
    {
        Connection?.Dispose();
        Connection = null;
        entry = null;
    }

    private bool IsMounted => entry is not null && MountEntry.FindAt(options.Mount)?.Device == entry.Device;
}

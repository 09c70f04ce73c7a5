using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

// Folders, and what concerns the connection itself.
internal sealed partial class FuseDispatcher
{
    /// <summary>ENOSYS ends it: the kernel remembers that folders need no open and sends neither OPENDIR nor RELEASEDIR any more.</summary>
    private Errno OpenDir(FuseRequest r, ref WireReader body)
    {
        if (FoldersNeedNoOpen)
            return Errno.ENOSYS;
        if (!body.Take(out OpenIn _))
            return Errno.EINVAL;

        Errno error = tree.OpenDir(r, r.Node, out OpenReplyFlags caching);
        return error != Errno.Ok ? error : r.Reply(WireConvert.ToWire(new OpenReply { Flags = caching }));
    }

    private Errno ReadDir(FuseRequest r, ref WireReader body, bool plus)
    {
        if (!body.Take(out ReadIn input))
            return Errno.EINVAL;

        r.Listing.Begin((int)Math.Min(input.Size, (uint)r.Room.Length), plus);
        Errno error = tree.ReadDir(r, r.Node, input.Offset, r.Listing);
        return error != Errno.Ok ? error : r.ReplyLength(r.Listing.Used);
    }

    /// <summary>Nothing was held open.</summary>
    private static Errno ReleaseDir(ref WireReader body) => body.Take(out ReleaseIn _) ? Errno.Ok : Errno.EINVAL;

    private Errno FsyncDir(FuseRequest r, ref WireReader body) => body.Take(out FsyncIn _) ? tree.FsyncDir(r, r.Node) : Errno.EINVAL;

    /// <summary>
    /// An interrupt is answered only to have it sent again: with EAGAIN, once. That reply failing with ENOENT tells that its target is
    /// answered by now.
    /// </summary>
    private Errno Interrupt(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out InterruptIn input))
            return Errno.EINVAL;

        if (parking.Interrupt(input.Unique) && r.Send(Errno.EAGAIN) != Errno.Ok)
        {
            parking.Forget(input.Unique);
        }

        return Errno.Ok;
    }

    /// <summary>Comes for block-device mounts only; the end of the connection does the same for all others.</summary>
    private Errno DestroyAsked()
    {
        parking.Close(Errno.ENODEV, report);
        Destroy();
        return Errno.Ok;
    }
}

using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

// Open folders, and what concerns the connection itself.
internal sealed partial class FuseDispatcher
{
    private Errno OpenDir(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out OpenIn input))
            return Errno.EINVAL;

        Errno error = tree.OpenDir(r, r.Node, input.Flags, out OpenReply reply);
        if (error != Errno.Ok)
            return error;

        NoteOpened(r, r.Node, reply.Handle, input.Flags);
        r.Given.Folder = true;
        return r.Reply(WireConvert.ToWire(reply));
    }

    private Errno ReadDir(FuseRequest r, ref WireReader body, bool plus)
    {
        if (!body.Take(out ReadIn input))
            return Errno.EINVAL;

        r.Listing.Begin((int)Math.Min(input.Size, (uint)r.Room.Length), plus);
        Errno error = tree.ReadDir(r, r.Node, input.Handle, input.Offset, r.Listing);
        return error != Errno.Ok ? error : r.ReplyLength(r.Listing.Used);
    }

    private Errno ReleaseDir(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out ReleaseIn input))
            return Errno.EINVAL;

        tree.ReleaseDir(r, r.Node, input.Handle);
        return Errno.Ok;
    }

    private Errno FsyncDir(FuseRequest r, ref WireReader body) =>
        body.Take(out FsyncIn input) ? tree.FsyncDir(r, r.Node, input.Handle) : Errno.EINVAL;

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

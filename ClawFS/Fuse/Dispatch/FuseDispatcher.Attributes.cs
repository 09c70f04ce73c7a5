using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Fuse.Dispatch;

// Attributes, extended attributes, and what statfs and readlink tell.
internal sealed partial class FuseDispatcher
{
    /// <summary>Longest name of an extended attribute in bytes (XATTR_NAME_MAX).</summary>
    private const int MaxXattrName = 255;

    /// <summary>Room for a symbolic link's target.</summary>
    private const int TargetRoom = 4096;

    private Errno GetAttr(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out GetAttrIn input))
            return Errno.EINVAL;

        ulong handle = (input.Flags & GetAttrIn.HasHandle) != 0 ? input.Handle : 0;
        return Reply(r, tree.GetAttr(r, r.Node, handle, out Attr attr, out uint seconds), attr, seconds);
    }

    private Errno Statx(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out StatxIn input))
            return Errno.EINVAL;

        ulong handle = (input.GetAttrFlags & GetAttrIn.HasHandle) != 0 ? input.Handle : 0;
        Errno error = tree.GetAttr(r, r.Node, handle, out Attr attr, out uint seconds);
        return error != Errno.Ok ? error : r.Reply(WireConvert.ToStatx(attr, seconds));
    }

    private Errno SetAttr(FuseRequest r, ref WireReader body) =>
        body.Take(out SetAttrIn input)
            ? Reply(r, tree.SetAttr(r, r.Node, WireConvert.FromWire(input), out Attr attr, out uint seconds), attr, seconds)
            : Errno.EINVAL;

    private static Errno Reply(FuseRequest r, Errno error, in Attr attr, uint seconds) =>
        error != Errno.Ok ? error : r.Reply(new AttrOut { AttrValid = seconds, Attr = WireConvert.ToWire(attr) });

    private Errno ReadLink(FuseRequest r)
    {
        // The kernel's buffer is one page and it appends the NUL itself.
        r.Asked = WireReader.MaxTarget;
        Errno error = tree.ReadLink(r, r.Node, r.Room[..TargetRoom], out int length);
        return error != Errno.Ok ? error : r.ReplyLength(length);
    }

    private Errno StatFs(FuseRequest r)
    {
        Errno error = tree.StatFs(r, r.Node, out StatFs stat);
        return error != Errno.Ok ? error : r.Reply(WireConvert.ToWire(stat));
    }

    private Errno SetXattr(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out SetXattrIn input))
            return Errno.EINVAL;

        Errno error = TakeXattrName(ref body, out ReadOnlySpan<byte> name);
        if (error != Errno.Ok)
            return error;

        return (uint)body.Rest.Length < input.Size
            ? Errno.EINVAL
            : tree.SetXattr(r, r.Node, name, body.Rest[..(int)input.Size], input.Flags);
    }

    private Errno GetXattr(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out GetXattrIn input))
            return Errno.EINVAL;

        Errno error = TakeXattrName(ref body, out ReadOnlySpan<byte> name);
        if (error != Errno.Ok)
            return error;

        r.Asked = input.Size;
        error = tree.GetXattr(r, r.Node, name, XattrRoom(r, input.Size), out int length);
        return ReplyXattr(r, error, input.Size, length);
    }

    private Errno ListXattr(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out GetXattrIn input))
            return Errno.EINVAL;

        r.Asked = input.Size;
        Errno error = tree.ListXattr(r, r.Node, XattrRoom(r, input.Size), out int length);
        return ReplyXattr(r, error, input.Size, length);
    }

    private Errno RemoveXattr(FuseRequest r, ref WireReader body)
    {
        Errno error = TakeXattrName(ref body, out ReadOnlySpan<byte> name);
        return error != Errno.Ok ? error : tree.RemoveXattr(r, r.Node, name);
    }

    private static Errno TakeXattrName(ref WireReader body, out ReadOnlySpan<byte> name)
    {
        Errno error = body.TakeText(MaxXattrName, out name);
        return error == Errno.ENAMETOOLONG ? Errno.ERANGE : error;
    }

    private static Span<byte> XattrRoom(FuseRequest r, uint size) => r.Room[..(int)Math.Min(size, (uint)r.Room.Length)];

    private static Errno ReplyXattr(FuseRequest r, Errno error, uint asked, int length)
    {
        if (error != Errno.Ok)
            return error;
        if (asked == 0)
            return r.Reply(new GetXattrOut { Size = checked((uint)length) });

        return (uint)length > asked ? Errno.ERANGE : r.ReplyLength(length);
    }
}

using ClawFS.Fuse.Wire;
using ClawFS.Linux;
using ClawFS.Vfs;
using static ClawFS.Vfs.Vfs;

namespace ClawFS.Fuse.Dispatch;

// Names: what makes, finds, moves and removes them, and the references that come with them.
internal sealed partial class FuseDispatcher
{
    /// <summary>RENAME_NOREPLACE | RENAME_EXCHANGE; RENAME_WHITEOUT is for overlay upper folders and refused.</summary>
    private const uint KnownRenameFlags = 3;

    private Errno Lookup(FuseRequest r, ref WireReader body)
    {
        Errno error = body.TakeText(MaxName, out ReadOnlySpan<byte> name);
        if (error != Errno.Ok)
            return error;
        if (name.Contains((byte)'/'))
            return Errno.EINVAL;

        // The kernel walks dots by itself: it would ask only with EXPORT_SUPPORT, for file handles of a server that is gone.
        if (WireReader.IsDots(name))
            return Errno.ENOENT;

        return Give(r, tree.Lookup(r, r.Node, name, out Entry entry), entry);
    }

    private Errno Forget(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out ForgetIn input))
            return Errno.EINVAL;

        tree.Forget(r.Node, input.Count);
        return Errno.Ok;
    }

    private Errno BatchForget(ref WireReader body)
    {
        if (!body.Take(out BatchForgetIn input))
            return Errno.EINVAL;

        for (uint i = 0; i < input.Count && body.Take(out ForgetOne one); i++)
        {
            tree.Forget(one.Node, one.Count);
        }

        return Errno.Ok;
    }

    private Errno SymLink(FuseRequest r, ref WireReader body)
    {
        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        if (error != Errno.Ok)
            return error;

        error = body.TakeText(WireReader.MaxTarget, out ReadOnlySpan<byte> target);
        return error != Errno.Ok ? error : Give(r, tree.SymLink(r, r.Node, name, target, out Entry entry), entry);
    }

    private Errno MkNod(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out MkNodIn input))
            return Errno.EINVAL;

        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        return error != Errno.Ok ? error : Give(r, tree.MkNod(r, r.Node, name, input.Mode, input.Rdev, out Entry entry), entry);
    }

    private Errno MkDir(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out MkDirIn input))
            return Errno.EINVAL;

        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        return error != Errno.Ok ? error : Give(r, tree.MkDir(r, r.Node, name, input.Mode, out Entry entry), entry);
    }

    private Errno Unlink(FuseRequest r, ref WireReader body)
    {
        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        return error != Errno.Ok ? error : tree.Unlink(r, r.Node, name);
    }

    private Errno RmDir(FuseRequest r, ref WireReader body)
    {
        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        return error != Errno.Ok ? error : tree.RmDir(r, r.Node, name);
    }

    private Errno Rename(FuseRequest r, ref WireReader body) =>
        body.Take(out RenameIn input) ? Move(r, ref body, input.NewParent, 0) : Errno.EINVAL;

    private Errno Rename2(FuseRequest r, ref WireReader body) =>
        body.Take(out Rename2In input) && (input.Flags & ~KnownRenameFlags) == 0 && input.Flags != KnownRenameFlags
            ? Move(r, ref body, input.NewParent, input.Flags)
            : Errno.EINVAL;

    private Errno Move(FuseRequest r, ref WireReader body, ulong newParent, uint flags)
    {
        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        if (error != Errno.Ok)
            return error;

        error = body.TakeName(out ReadOnlySpan<byte> newName);
        return error != Errno.Ok ? error : tree.Rename(r, r.Node, name, newParent, newName, flags);
    }

    private Errno Link(FuseRequest r, ref WireReader body)
    {
        if (!body.Take(out LinkIn input))
            return Errno.EINVAL;

        Errno error = body.TakeName(out ReadOnlySpan<byte> name);
        return error != Errno.Ok ? error : Give(r, tree.Link(r, input.Node, r.Node, name, out Entry entry), entry);
    }

    /// <summary>Answers with an entry and notes the reference that it gives.</summary>
    private static Errno Give(FuseRequest r, Errno error, in Entry entry)
    {
        if (error != Errno.Ok)
            return error;

        r.Given.Node = entry.Node;
        return r.Reply(WireConvert.ToWire(entry));
    }
}

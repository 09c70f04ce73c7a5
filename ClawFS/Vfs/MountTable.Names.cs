using ClawFS.Linux;

namespace ClawFS.Vfs;

// Operations on names: here the two halves meet.
public sealed partial class MountTable
{
    /// <inheritdoc/>
    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        if (overlays.Find(parent, name) is GeneratedNode child)
        {
            return generated.TryReference(request, child, out entry) ? Errno.Ok : Errno.ENOENT;
        }
        Errno error = Of(parent).Lookup(request, parent, name, out entry);
        overlays.Show(ref entry.Attr);
        return error;
    }

    /// <inheritdoc/>
    public override void Forget(ulong node, ulong count)
    {
        if (!IsStored(node))
        {
            generated.Forget(node, count);
        }
        else if (!generated.IsTop(node))
        {
            stored.Forget(node, count);
        }
    }

    /// <inheritdoc/>
    public override Errno SymLink(Request request, ulong parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out Entry entry)
    {
        entry = default;
        return IsOverlaid(parent, name) ? Errno.EEXIST : Of(parent).SymLink(request, parent, name, target, out entry);
    }

    /// <inheritdoc/>
    public override Errno MkNod(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry)
    {
        entry = default;
        return IsOverlaid(parent, name) ? Errno.EEXIST : Of(parent).MkNod(request, parent, name, mode, rdev, out entry);
    }

    /// <inheritdoc/>
    public override Errno MkDir(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry)
    {
        entry = default;
        return IsOverlaid(parent, name) ? Errno.EEXIST : Of(parent).MkDir(request, parent, name, mode, out entry);
    }

    /// <inheritdoc/>
    public override Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        entry = default;
        reply = default;
        return IsOverlaid(parent, name) ? Errno.EEXIST : Of(parent).Create(request, parent, name, mode, flags, out entry, out reply);
    }

    /// <inheritdoc/>
    public override Errno TmpFile(Request request, ulong parent, uint mode, int flags, out Entry entry, out OpenReply reply) =>
        Of(parent).TmpFile(request, parent, mode, flags, out entry, out reply);

    /// <inheritdoc/>
    public override Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name) =>
        IsOverlaid(parent, name) ? Errno.EPERM : Of(parent).Unlink(request, parent, name);

    /// <inheritdoc/>
    public override Errno RmDir(Request request, ulong parent, ReadOnlySpan<byte> name) =>
        IsOverlaid(parent, name) ? Errno.EPERM : Of(parent).RmDir(request, parent, name);

    /// <inheritdoc/>
    public override Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        if (IsStored(parent) != IsStored(newParent))
        {
            return Errno.EXDEV;
        }
        if (IsOverlaid(parent, name))
        {
            return Errno.EPERM;
        }
        return IsOverlaid(newParent, newName) ? Errno.EEXIST : Of(parent).Rename(request, parent, name, newParent, newName, flags);
    }

    /// <inheritdoc/>
    public override Errno Link(Request request, ulong node, ulong newParent, ReadOnlySpan<byte> newName, out Entry entry)
    {
        entry = default;
        if (IsStored(node) != IsStored(newParent))
        {
            return Errno.EXDEV;
        }
        return IsOverlaid(newParent, newName) ? Errno.EEXIST : Of(node).Link(request, node, newParent, newName, out entry);
    }

    /// <inheritdoc/>
    public override Errno OpenDir(Request request, ulong node, out OpenReplyFlags caching)
    {
        Errno error = Of(node).OpenDir(request, node, out caching);
        // Without FUSE_AUTO_INVAL_DATA the kernel asks for no mtime, and a cached listing would outlive a change of the generated children.
        if (overlays.Of(node) is not null)
        {
            caching &= ~(OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache);
        }
        return error;
    }

    /// <inheritdoc/>
    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink) =>
        IsStored(node) && overlays.Any ? ReadMerged(request, node, cookie, sink) : Of(node).ReadDir(request, node, cookie, sink);

    /// <inheritdoc/>
    public override Errno FsyncDir(Request request, ulong node) => Of(node).FsyncDir(request, node);

    /// <summary>Stored names first, then the generated ones, so that positions among the stored ones stay the store's.</summary>
    private Errno ReadMerged(Request request, ulong node, ulong cookie, DirSink sink)
    {
        Overlay? overlay = overlays.Of(node);
        if (cookie < FirstOverlayCookie)
        {
            OverlaySink merging = new(sink, overlays, overlay);
            Errno error = stored.ReadDir(request, node, cookie, merging);
            foreach (ulong leftOut in merging.LeftOut)
            {
                Forget(leftOut, 1);
            }
            if (error != Errno.Ok || merging.IsFull)
            {
                return error;
            }
        }
        overlay?.Read(Math.Max(cookie, FirstOverlayCookie) - FirstOverlayCookie, FirstOverlayCookie, sink);
        return Errno.Ok;
    }
}

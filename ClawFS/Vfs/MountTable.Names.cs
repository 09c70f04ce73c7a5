using ClawFS.Linux;

namespace ClawFS.Vfs;

// Operations on names: here the two halves meet.
public sealed partial class MountTable
{
    /// <inheritdoc/>
    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        if (!IsStored(parent))
        {
            return generated.Lookup(request, parent, name, out entry);
        }
        if (overlays.Find(parent, name) is not GeneratedNode child)
        {
            return stored.Lookup(request, parent, name, out entry);
        }
        return generated.TryReference(request, child, out entry) ? Errno.Ok : Errno.ENOENT;
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
    public override Errno OpenDir(Request request, ulong node, int flags, out OpenReply reply)
    {
        Errno error = Of(node).OpenDir(request, node, flags, out reply);
        // A cached listing would outlive a change of the generated children.
        if (IsStored(node) && overlays.Of(node) is not null)
        {
            reply.Flags &= ~(OpenReplyFlags.CacheDir | OpenReplyFlags.KeepCache);
        }
        return error;
    }

    /// <inheritdoc/>
    public override Errno ReadDir(Request request, ulong node, ulong handle, ulong cookie, DirSink sink)
    {
        if (!IsStored(node))
        {
            return generated.ReadDir(request, node, handle, cookie, sink);
        }
        return overlays.Of(node) is { } children
            ? ReadMerged(request, node, handle, cookie, sink, children)
            : stored.ReadDir(request, node, handle, cookie, sink);
    }

    /// <inheritdoc/>
    public override void ReleaseDir(Request request, ulong node, ulong handle) => Of(node).ReleaseDir(request, node, handle);

    /// <inheritdoc/>
    public override Errno FsyncDir(Request request, ulong node, ulong handle) => Of(node).FsyncDir(request, node, handle);

    /// <summary>Stored names first, then the generated ones, so that positions among the stored ones stay the store's.</summary>
    private Errno ReadMerged(Request request, ulong node, ulong handle, ulong cookie, DirSink sink, Dictionary<byte[], GeneratedNode> children)
    {
        ulong next = 0;
        if (cookie < FirstOverlayCookie)
        {
            MergingSink merging = new(sink, children);
            Errno error = stored.ReadDir(request, node, handle, cookie, merging);
            foreach (ulong leftOut in merging.LeftOut)
            {
                Forget(leftOut, 1);
            }
            if (error != Errno.Ok || merging.IsFull)
            {
                return error;
            }
        }
        else
        {
            next = cookie - FirstOverlayCookie;
        }
        ulong position = 0;
        foreach ((byte[] name, GeneratedNode child) in children)
        {
            position++;
            if (position > next && !sink.Add(name, child.Ino, child.Mode, FirstOverlayCookie + position))
            {
                break;
            }
        }
        return Errno.Ok;
    }
}

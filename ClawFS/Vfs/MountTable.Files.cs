using ClawFS.Linux;

namespace ClawFS.Vfs;

// Operations on one node: sent on as they are.
public sealed partial class MountTable
{
    /// <inheritdoc/>
    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        Errno error = Of(node).GetAttr(request, node, handle, out attr, out attrSeconds);
        overlays.Show(ref attr);
        return error;
    }

    /// <inheritdoc/>
    public override Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds)
    {
        Errno error = Of(node).SetAttr(request, node, set, out attr, out attrSeconds);
        overlays.Show(ref attr);
        return error;
    }

    /// <inheritdoc/>
    public override Errno ReadLink(Request request, ulong node, Span<byte> target, out int length) => Of(node).ReadLink(request, node, target, out length);

    /// <inheritdoc/>
    public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply) =>
        Of(node).Open(request, node, flags, killSuidGid, out reply);

    /// <inheritdoc/>
    public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count) =>
        Of(node).Read(request, node, handle, offset, buffer, out count);

    /// <inheritdoc/>
    public override Errno Write(Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count) =>
        Of(node).Write(request, node, handle, offset, data, fromCache, killSuidGid, out count);

    /// <inheritdoc/>
    public override Errno Flush(Request request, ulong node, ulong handle) => Of(node).Flush(request, node, handle);

    /// <inheritdoc/>
    public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Of(node).Fsync(request, node, handle, dataOnly);

    /// <inheritdoc/>
    public override void Release(Request request, ulong node, ulong handle, int flags) => Of(node).Release(request, node, handle, flags);

    /// <summary>SYNCFS: what there is to write is stored, whichever node was named.</summary>
    public override Errno SyncFs(Request request, ulong node) => stored.SyncFs(request, node);

    /// <summary>STATFS: the store's space and quota, whichever node was named.</summary>
    public override Errno StatFs(Request request, ulong node, out StatFs stat) => stored.StatFs(request, node, out stat);

    /// <inheritdoc/>
    public override Errno SetXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) =>
        Of(node).SetXattr(request, node, name, value, flags);

    /// <inheritdoc/>
    public override Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length) =>
        Of(node).GetXattr(request, node, name, buffer, out length);

    /// <inheritdoc/>
    public override Errno ListXattr(Request request, ulong node, Span<byte> buffer, out int length) => Of(node).ListXattr(request, node, buffer, out length);

    /// <inheritdoc/>
    public override Errno RemoveXattr(Request request, ulong node, ReadOnlySpan<byte> name) => Of(node).RemoveXattr(request, node, name);

    /// <inheritdoc/>
    public override Errno Fallocate(Request request, ulong node, ulong handle, ulong offset, ulong length, uint mode) =>
        Of(node).Fallocate(request, node, handle, offset, length, mode);

    /// <inheritdoc/>
    public override Errno Seek(Request request, ulong node, ulong handle, ulong offset, int whence, out ulong position) =>
        Of(node).Seek(request, node, handle, offset, whence, out position);

    /// <summary>COPY_FILE_RANGE between the halves is EXDEV, on which the kernel copies by read and write.</summary>
    public override Errno CopyFileRange(Request request, ulong node, ulong handle, ulong offset, ulong toNode, ulong toHandle, ulong toOffset, ulong length, out uint count)
    {
        count = 0;
        return IsStored(node) && IsStored(toNode)
            ? stored.CopyFileRange(request, node, handle, offset, toNode, toHandle, toOffset, length, out count)
            : Errno.EXDEV;
    }

    /// <inheritdoc/>
    public override Errno Poll(Request request, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready) =>
        Of(node).Poll(request, node, handle, pollHandle, wakeup, wanted, out ready);

    /// <inheritdoc/>
    public override void Destroy()
    {
        generated.Destroy();
        stored.Destroy();
    }
}

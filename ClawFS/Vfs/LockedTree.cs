using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// Stands in for a stored tree whose key is gone (`claw lock`): everything about a stored node is ENOKEY. What the kernel lets go of
/// still reaches the tree behind, if one is given, so that its counts stay true for `claw unlock`.
/// </summary>
public sealed class LockedTree(NodeTree? behind = null) : NodeTree
{
    /// <inheritdoc/>
    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry) { entry = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override void Forget(ulong node, ulong count) => behind?.Forget(node, count);
    /// <inheritdoc/>
    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds) { attr = default; attrSeconds = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds) { attr = default; attrSeconds = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno ReadLink(Request request, ulong node, Span<byte> target, out int length) { length = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno SymLink(Request request, ulong parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out Entry entry) { entry = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno MkNod(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry) { entry = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno MkDir(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry) { entry = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno RmDir(Request request, ulong parent, ReadOnlySpan<byte> name) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno Link(Request request, ulong node, ulong newParent, ReadOnlySpan<byte> newName, out Entry entry) { entry = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply) { reply = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply) { entry = default; reply = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno TmpFile(Request request, ulong parent, uint mode, int flags, out Entry entry, out OpenReply reply) { entry = default; reply = default; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count) { count = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno Write(Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count) { count = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override void Release(Request request, ulong node, ulong handle, int flags) => behind?.Release(request, node, handle, flags);
    /// <inheritdoc/>
    public override Errno OpenDir(Request request, ulong node, out OpenReplyFlags caching) { caching = OpenReplyFlags.None; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno SetXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length) { length = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno ListXattr(Request request, ulong node, Span<byte> buffer, out int length) { length = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno RemoveXattr(Request request, ulong node, ReadOnlySpan<byte> name) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno Fallocate(Request request, ulong node, ulong handle, ulong offset, ulong length, uint mode) => Errno.ENOKEY;
    /// <inheritdoc/>
    public override Errno Seek(Request request, ulong node, ulong handle, ulong offset, int whence, out ulong position) { position = 0; return Errno.ENOKEY; }
    /// <inheritdoc/>
    public override Errno CopyFileRange(Request request, ulong node, ulong handle, ulong offset, ulong toNode, ulong toHandle, ulong toOffset, ulong length, out uint count) { count = 0; return Errno.ENOKEY; }
}

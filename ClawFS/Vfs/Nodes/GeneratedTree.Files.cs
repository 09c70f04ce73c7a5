using ClawFS.Linux;

namespace ClawFS.Vfs;

// Attributes and open files.
internal sealed partial class GeneratedTree
{
    private const SetAttrFields OwnerFields = SetAttrFields.Mode | SetAttrFields.Uid | SetAttrFields.Gid;
    private const SetAttrFields TimeFields = SetAttrFields.Atime | SetAttrFields.Mtime | SetAttrFields.AtimeNow | SetAttrFields.MtimeNow;

    private readonly HandleTable<OpenFile> files = new();

    /// <summary>Open files, for tests and statistics.</summary>
    public int OpenFiles => files.Count;

    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        attr = default;
        attrSeconds = 0;
        if (Find(node) is not GeneratedNode found)
        {
            return Errno.ENOENT;
        }
        if (found.Preparing() is { IsCompleted: false } preparing)
        {
            return request.Await(preparing);
        }
        attr = AttrOf(request, found, found.Measure());
        if (handle != 0 && files.Find(handle)?.Size is ulong pinned)
        {
            attr.Size = pinned;
        }
        attrSeconds = found.AttrSeconds;
        return Errno.Ok;
    }

    /// <summary>
    /// Modes, owners and times are fixed (EPERM). Setting a mode or owner that is there already succeeds, and a writable file takes times,
    /// one of a writable folder any mode, and ignores them, so that cp -p, mv and rsync onto it do not fail.
    /// </summary>
    public override Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds)
    {
        Errno error = GetAttr(request, node, 0, out attr, out attrSeconds);
        if (error != Errno.Ok || ids.Find(node) is not NodeAlias alias)
        {
            return error == Errno.Ok ? Errno.ENOENT : error;
        }
        bool hasSize = (set.Fields & SetAttrFields.Size) != 0;
        OpenFile? file = (set.Fields & SetAttrFields.Handle) != 0 ? files.Find(set.Handle) : null;
        if (hasSize && (file is TouchFile || (file is null && IsWorker(request))))
        {
            return AnswerTouch(request, alias, out attr);
        }
        bool isWritable = alias.Node is WritableFile or Channel;
        if (Differs(alias.Node, set, attr) || (!hasSize && !isWritable && (set.Fields & TimeFields) != 0))
        {
            return Errno.EPERM;
        }
        if (alias.Node is not GeneratedFolder)
        {
            // The kernel keeps what it sets here, so the next lookup takes another node id.
            ids.Spoil(alias);
        }
        if (hasSize)
        {
            error = file is null ? alias.Node.Truncate(request, set.Size) : file.Truncate(request, set.Size);
            attr.Size = file?.Size ?? alias.Node.Measure().Size;
        }
        return error;
    }

    public override Errno Open(Request request, ulong node, int flags, bool killSuidGid, out OpenReply reply)
    {
        reply = default;
        if (ids.Find(node) is not NodeAlias alias)
        {
            return Errno.ENOENT;
        }
        OpenFile? file;
        if (alias.Node.IsTouchable && IsWorker(request))
        {
            // It is shown bits that others are not, and has nothing to read by them.
            if (!OpenFlags.Writes(flags))
            {
                return Errno.EACCES;
            }
            file = new TouchFile(alias);
        }
        else if (alias.Node.Preparing() is { IsCompleted: false } preparing)
        {
            return request.Await(preparing);
        }
        else
        {
            Errno error = alias.Node.Open(request, flags, alias.Shape, out file);
            if (error != Errno.Ok || file is null)
            {
                return error == Errno.Ok ? Errno.EACCES : error;
            }
            if (OpenFlags.Writes(flags))
            {
                ids.Spoil(alias);
            }
        }
        reply.Handle = files.Add(file, OpenFlags.Writes(flags));
        reply.Flags = file.Flags;
        return Errno.Ok;
    }

    public override Errno Read(Request request, ulong node, ulong handle, ulong offset, Span<byte> buffer, out int count)
    {
        count = 0;
        NodeAlias? alias = ids.Find(node);
        if (alias is { Node: GrowingFile })
        {
            buffer = Told(alias, offset, buffer);
        }
        if (files.Find(handle) is OpenFile file)
        {
            return file.Read(request, offset, buffer, out count);
        }
        // A reader that an earlier fs had let in reads on: the content as it is now. A conversation has ended with that fs.
        if (alias is null or { Node: Channel })
        {
            return Unknown(node);
        }
        if (alias.Node.Preparing() is { IsCompleted: false } preparing)
        {
            return request.Await(preparing);
        }
        Errno error = alias.Node.Open(request, OpenFlags.ReadOnly, alias.Node.Measure(), out OpenFile? now);
        return error != Errno.Ok || now is null ? Errno.EBADF : now.Read(request, offset, buffer, out count);
    }

    public override Errno Write(Request request, ulong node, ulong handle, ulong offset, ReadOnlySpan<byte> data, bool fromCache, bool killSuidGid, out int count)
    {
        count = 0;
        return files.Find(handle)?.Write(request, offset, data, out count) ?? Unknown(node);
    }

    /// <summary>What was staged in an earlier fs is gone, and whoever closes a file that was open for writing must hear of it.</summary>
    public override Errno Flush(Request request, ulong node, ulong handle) =>
        files.Find(handle)?.Flush(request) ?? (HandleTable<OpenFile>.IsWriter(handle) && Find(node) is WritableFile or null ? Errno.EBADF : Errno.Ok);

    /// <summary>What was saved is in the store's journal; this brings it to the disk.</summary>
    public override Errno Fsync(Request request, ulong node, ulong handle, bool dataOnly) => Find(node) is WritableFile ? stored.SyncFs(request, node) : Errno.Ok;

    public override Errno FsyncDir(Request request, ulong node) => Find(node) is WritableFolder ? stored.SyncFs(request, node) : Errno.Ok;

    public override void Release(Request request, ulong node, ulong handle, int flags) => files.Remove(handle)?.Close(request);

    public override Errno Poll(Request request, ulong node, ulong handle, ulong pollHandle, bool wakeup, uint wanted, out uint ready)
    {
        const uint readyNow = 0x145, error = 0x008;
        ready = files.Find(handle)?.Poll(request, pollHandle, wakeup, wanted) ?? (Find(node) is Channel ? readyNow | error : readyNow);
        return Errno.Ok;
    }

    public override Errno GetXattr(Request request, ulong node, ReadOnlySpan<byte> name, Span<byte> buffer, out int length)
    {
        length = 0;
        if (Find(node) is not GeneratedNode found)
        {
            return Errno.ENOENT;
        }
        return found.Attributes.TryGetValue(System.Text.Encoding.UTF8.GetString(name), out byte[]? value) ? Fill(value, buffer, out length) : Errno.ENODATA;
    }

    public override Errno ListXattr(Request request, ulong node, Span<byte> buffer, out int length)
    {
        length = 0;
        if (Find(node) is not GeneratedNode found)
        {
            return Errno.ENOENT;
        }
        return Fill(System.Text.Encoding.UTF8.GetBytes(string.Concat(found.Attributes.Keys.Select(static name => name + "\0"))), buffer, out length);
    }

    /// <summary>Access lists do not exist here, and cp and sed go on with the mode where they hear that.</summary>
    public override Errno SetXattr(Request request, ulong node, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, int flags) =>
        name.StartsWith("system."u8) ? Errno.EOPNOTSUPP : Errno.EPERM;

    public override Errno RemoveXattr(Request request, ulong node, ReadOnlySpan<byte> name) => Errno.EPERM;

    /// <summary>
    /// The answer to an ftruncate is the only message in which a kernel with writeback cache takes a size from us, so it carries the true
    /// one: an open growing file learns its length, and a pinned file keeps the one it has.
    /// </summary>
    private Errno AnswerTouch(Request request, NodeAlias alias, out Attr attr)
    {
        NodeShape shape = alias.Node is GrowingFile || alias.IsInherited ? alias.Node.Measure() : alias.Shape;
        ids.Touch(alias, shape);
        attr = AttrOf(request, alias.Node, shape);
        return Errno.Ok;
    }

    /// <summary>
    /// The part of a buffer that a growing file may fill: what the kernel was told of. Whoever has read more finds the file shorter than what it has read, as
    /// `tail -f` does, which takes that for a file cut off and prints all of it again. While nobody would tell the kernel of more (no worker yet, or an id of an
    /// earlier fs that the worker has not come to), readers get all there is.
    /// </summary>
    private Span<byte> Told(NodeAlias alias, ulong offset, Span<byte> buffer)
    {
        if (notify is not { WorkerThread: not 0 } || ids.SizeTold(alias) is not ulong told)
        {
            return buffer;
        }
        return buffer[..(int)Math.Min((ulong)buffer.Length, told > offset ? told - offset : 0)];
    }

    /// <summary>The answer on a descriptor that this fs did not give out: whoever served its conversation is gone.</summary>
    private Errno Unknown(ulong node) => Find(node) is Channel ? Errno.EHOSTDOWN : Errno.EBADF;

    private static bool Differs(GeneratedNode node, in SetAttr set, in Attr attr)
    {
        const uint bits = FileMode.PermMask;
        return (set.Fields & OwnerFields) != 0
            && (((set.Fields & SetAttrFields.Mode) != 0 && node is not FolderFile && (set.Mode & bits) != (node.Mode & bits))
                || ((set.Fields & SetAttrFields.Uid) != 0 && set.Uid != attr.Uid)
                || ((set.Fields & SetAttrFields.Gid) != 0 && set.Gid != attr.Gid));
    }

    private static Errno Fill(ReadOnlySpan<byte> value, Span<byte> buffer, out int length)
    {
        length = value.Length;
        if (!buffer.IsEmpty && !value.TryCopyTo(buffer))
        {
            length = 0;
            return Errno.ERANGE;
        }
        return Errno.Ok;
    }
}

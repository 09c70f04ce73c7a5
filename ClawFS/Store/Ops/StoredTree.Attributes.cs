using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    /// <inheritdoc/>
    public override Errno SetAttr(Request request, ulong node, in SetAttr set, out Attr attr, out uint attrSeconds)
    {
        attr = default;
        attrSeconds = CacheSeconds;
        try
        {
            store.Space.RequireWritable();
            using var pass = store.Gate.Enter();
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                if ((set.Fields & SetAttrFields.Size) != 0 && !store.Applied.Has(request.Unique, ChangeKind.Data))
                {
                    Errno error = Truncate(request, lease.Inode, set.Size, (set.Fields & SetAttrFields.KillSuidGid) != 0);
                    if (error != Errno.Ok)
                    {
                        return error;
                    }
                }
                RequireAlive(lease.Inode);
                AttributesChange change = After(lease.Inode, set);
                if (change != AttributesChange.Of(lease.Inode) && !store.Applied.Has(request.Unique, ChangeKind.Attributes))
                {
                    SpanWriter record = Record(request);
                    change.Encode(record);
                    store.Append(ChangeKind.Attributes, record, reclaiming: true);
                    state.Apply(change, lease.Inode);
                }
                lease.Inode.FillAttr(out attr);
            }
            // The kernel's own flush of the times it keeps (writeback) is no act of a caller.
            if ((set.Fields & ~(SetAttrFields.Mtime | SetAttrFields.Ctime | SetAttrFields.Handle | SetAttrFields.Size | SetAttrFields.KillSuidGid)) != 0)
            {
                Publish(FsEventKind.Attributes, request, node, attr.IsDirectory);
            }
            else if ((set.Fields & (SetAttrFields.Size | SetAttrFields.Handle)) == SetAttrFields.Size)
            {
                // truncate(2): no descriptor will be closed that would tell.
                Publish(FsEventKind.WriteClosed, request, node, false);
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <summary>The attributes as they will be. Setuid and setgid go on a change of owner (POSIX chown) and when the kernel says so.</summary>
    private static AttributesChange After(Inode inode, in SetAttr set)
    {
        Timestamp now = Timestamp.Now;
        AttributesChange after = AttributesChange.Of(inode);
        SetAttrFields fields = set.Fields;
        bool changed = false;
        if ((fields & (SetAttrFields.Uid | SetAttrFields.Gid)) != 0)
        {
            after = after with
            {
                Uid = (fields & SetAttrFields.Uid) != 0 ? set.Uid : after.Uid,
                Gid = (fields & SetAttrFields.Gid) != 0 ? set.Gid : after.Gid,
            };
            changed = true;
        }
        if ((fields & SetAttrFields.KillSuidGid) != 0
            || ((fields & (SetAttrFields.Uid | SetAttrFields.Gid)) != 0 && (fields & SetAttrFields.Mode) == 0 && !inode.IsDirectory))
        {
            after = after with { Mode = WithoutSetId(after.Mode) };
        }
        if ((fields & SetAttrFields.Mode) != 0)
        {
            after = after with { Mode = (after.Mode & FileMode.TypeMask) | (set.Mode & FileMode.PermMask) };
            changed = true;
        }
        if ((fields & (SetAttrFields.Atime | SetAttrFields.AtimeNow)) != 0)
        {
            after = after with { Atime = (fields & SetAttrFields.AtimeNow) != 0 ? now : set.Atime };
            changed = true;
        }
        if ((fields & (SetAttrFields.Mtime | SetAttrFields.MtimeNow)) != 0)
        {
            after = after with { Mtime = (fields & SetAttrFields.MtimeNow) != 0 ? now : set.Mtime };
            changed = true;
        }
        if ((fields & SetAttrFields.Ctime) != 0)
        {
            return after with { Ctime = set.Ctime };
        }
        return changed ? after with { Ctime = now } : after;
    }

    /// <summary>Setuid goes always, setgid only where the group may execute (without that bit it means mandatory locking).</summary>
    private static uint WithoutSetId(uint mode)
    {
        mode &= ~FileMode.SetUid;
        return (mode & FileMode.GroupExec) != 0 ? mode & ~FileMode.SetGid : mode;
    }

    /// <summary>Sets the length of a file. Preconditions: the gate, the inode's lock.</summary>
    private Errno Truncate(Request request, Inode inode, ulong size, bool killSetId)
    {
        if (!inode.IsRegular)
        {
            return inode.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
        }
        if (size > Content.MaxFileSize)
        {
            return Errno.EFBIG;
        }
        Timestamp now = Timestamp.Now;
        uint mode = killSetId ? WithoutSetId(inode.Mode) : inode.Mode;
        if (size >= inode.Size)
        {
            Apply(request, inode, new DataChange { Inode = inode.Id, Size = size, Mode = mode, Mtime = now, Ctime = now });
            return Errno.Ok;
        }
        ulong keep = (size + Extent.BlockSize - 1) / Extent.BlockSize;
        Extents.Prepare(inode, keep, ulong.MaxValue);
        Span<Extent> tail = stackalloc Extent[1];
        int inTail = (int)(size % Extent.BlockSize);
        // The block that is cut through is sealed anew without what lay behind the cut, so that growing again shows zeros.
        int rewritten = inTail > 0 && store.Content.TryReseal(inode, size / Extent.BlockSize, inTail, out tail[0]) ? 1 : 0;
        Apply(request, inode, new DataChange
        {
            Inode = inode.Id,
            CutFrom = keep,
            CutTo = ulong.MaxValue,
            Size = size,
            Mode = mode,
            Mtime = now,
            Ctime = now,
            Extents = tail[..rewritten],
        });
        return Errno.Ok;
    }

    /// <summary>Journals and applies a change of content. Preconditions: the gate, the inode's lock, its pages prepared.</summary>
    private void Apply(Request request, Inode inode, in DataChange change)
    {
        RequireAlive(inode);
        SpanWriter record = Record(request);
        change.Encode(record);
        store.Append(ChangeKind.Data, record, reclaiming: change.CutTo > change.CutFrom);
        state.Apply(change, inode);
    }
}

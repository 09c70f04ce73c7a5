using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    /// <summary>Most extents that one step of an inode's end cuts, about a millisecond of its lock.</summary>
    private const int PurgeStep = 1024;

    /// <inheritdoc/>
    public override Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name) => Remove(request, parent, name, false);

    /// <inheritdoc/>
    public override Errno RmDir(Request request, ulong parent, ReadOnlySpan<byte> name) => Remove(request, parent, name, true);

    private Errno Remove(Request request, ulong parent, ReadOnlySpan<byte> name, bool directory)
    {
        try
        {
            store.Space.RequireWritable();
            ulong node;
            using (store.Gate.Enter())
            {
                if (store.Applied.Has(request.Unique, ChangeKind.Remove))
                {
                    return Errno.Ok;
                }
                using InodeLease folder = Pin(parent);
                lock (folder.Inode)
                {
                    if (CheckFolder(folder.Inode) is not Errno.Ok and var refused)
                    {
                        return refused;
                    }
                    if (!FolderNames.TryFind(folder.Inode, state.Names, name, out DirectoryEntry found))
                    {
                        return Errno.ENOENT;
                    }
                    node = found.Inode;
                    using InodeLease child = Pin(node);
                    lock (child.Inode)
                    {
                        if (child.Inode.IsDirectory != directory)
                        {
                            return directory ? Errno.ENOTDIR : Errno.EISDIR;
                        }
                        if (directory && !child.Inode.Map.IsEmpty)
                        {
                            return Errno.ENOTEMPTY;
                        }
                        var change = new RemoveChange { Parent = parent, Time = Timestamp.Now, Name = name };
                        SpanWriter record = Record(request);
                        change.Encode(record);
                        store.Append(ChangeKind.Remove, record, reclaiming: true);
                        state.Apply(change, folder.Inode, child.Inode);
                    }
                }
            }
            Publish(FsEventKind.Remove, request, node, directory, parent, name);
            if (!state.Cache.IsKnown(node))
            {
                TryPurge(node);
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <summary>The name is gone and that has its record: an inode that cannot be ended now is no failure of the operation. It stays in the set of orphans and goes at the next mount.</summary>
    private void TryPurge(ulong node)
    {
        try
        {
            PurgeIfUnused(node);
        }
        catch (StoreException e)
        {
            Fail(e);
        }
    }

    /// <summary>Ends an inode that has neither a name nor a reference of the kernel; one of many extents goes on ending in the background.</summary>
    internal void PurgeIfUnused(ulong node)
    {
        if (!store.ReadOnly && !TryEnd(node))
        {
            store.Purger.Add(node);
        }
    }

    /// <summary>One step of the end of an inode that has neither a name nor a reference of the kernel; false while there is more to do.</summary>
    internal bool TryEnd(ulong node)
    {
        lock (state.Orphans)
        {
            if (!state.Orphans.Contains(node))
            {
                return true;
            }
        }
        using var pass = store.Gate.Enter();
        using InodeLease lease = state.Cache.Pin(node);
        lock (lease.Inode)
        {
            if (lease.Inode.Purged || lease.Inode.Nlink != 0 || state.Cache.IsKnown(node))
            {
                return true;
            }
            SpanWriter record = recordWriter ??= new SpanWriter(1024);
            record.Reset();
            record.U64(0);
            if (lease.Inode.IsRegular && !CanEndAtOnce(lease.Inode, out ulong cutTo))
            {
                Cut(record, lease.Inode, cutTo);
                return false;
            }
            record.U64(node);
            store.Append(ChangeKind.Purge, record, reclaiming: true);
            state.ApplyPurge(lease.Inode);
            return true;
        }
    }

    /// <summary>Whether a file has no more extents than one step takes; if it has, the block where the step ends. Loads what the step will touch.</summary>
    private static bool CanEndAtOnce(Inode inode, out ulong cutTo)
    {
        cutTo = 0;
        for (int i = 0; i < PurgeStep; i++)
        {
            if (!Extents.TryFrom(inode, cutTo, out Extent extent))
            {
                return true;
            }
            cutTo = extent.End;
        }
        return false;
    }

    private void Cut(SpanWriter record, Inode inode, ulong cutTo)
    {
        var change = new DataChange { Inode = inode.Id, CutTo = cutTo, Size = inode.Size, Mode = inode.Mode, Mtime = inode.Mtime, Ctime = inode.Ctime };
        change.Encode(record);
        store.Append(ChangeKind.Data, record, reclaiming: true);
        state.Apply(change, inode);
    }
}

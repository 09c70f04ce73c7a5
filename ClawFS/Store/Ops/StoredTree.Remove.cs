using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
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
                if (store.Applied.Has(request.Unique, ChangeKind.Remove, out _))
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
                PurgeIfUnused(node);
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <summary>Ends an inode that has neither a name nor a reference of the kernel.</summary>
    /// <param name="node">The inode.</param>
    /// <param name="forgotten">The kernel has just given back all of its references, those included that were not counted here.</param>
    internal void PurgeIfUnused(ulong node, bool forgotten = false)
    {
        if (store.ReadOnly)
        {
            return;
        }
        lock (state.Orphans)
        {
            if (!state.Orphans.Contains(node))
            {
                return;
            }
        }
        using var pass = store.Gate.Enter();
        using InodeLease lease = state.Cache.Pin(node);
        lock (lease.Inode)
        {
            if (lease.Inode.Purged || lease.Inode.Nlink != 0 || (forgotten ? state.Cache.IsCounted(node) : state.Cache.IsKnown(node)))
            {
                return;
            }
            if (lease.Inode.IsRegular)
            {
                Extents.Prepare(lease.Inode, 0, ulong.MaxValue);
            }
            SpanWriter record = recordWriter ??= new SpanWriter(1024);
            record.Reset();
            record.U64(0);
            record.U64(node);
            store.Append(ChangeKind.Purge, record, reclaiming: true);
            state.ApplyPurge(lease.Inode);
        }
    }
}

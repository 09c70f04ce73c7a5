using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    /// <inheritdoc/>
    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        entry = default;
        try
        {
            ulong child;
            ulong key;
            using (InodeLease folder = Pin(parent))
            {
                lock (folder.Inode)
                {
                    if (!folder.Inode.IsDirectory)
                    {
                        return Errno.ENOTDIR;
                    }
                    if (!FolderNames.TryFind(folder.Inode, state.Names, name, out DirectoryEntry found))
                    {
                        // A negative name the kernel may keep: names come to be through the kernel only.
                        entry.EntrySeconds = CacheSeconds;
                        return Errno.Ok;
                    }
                    child = found.Inode;
                    key = found.Key;
                }
            }
            using InodeLease node = Pin(child);
            lock (node.Inode)
            {
                if (!node.Inode.IsDirectory)
                {
                    node.Inode.Parent = parent;
                    node.Inode.NameKey = key;
                }
                Count(node.Inode, out entry);
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            entry = default;
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override void Forget(ulong node, ulong count)
    {
        if (state.Cache.Forget(node, count) > 0)
        {
            return;
        }
        state.Cache.Disinherit(node);
        TryPurge(node);
    }

    /// <inheritdoc/>
    public override Errno GetAttr(Request request, ulong node, ulong handle, out Attr attr, out uint attrSeconds)
    {
        attrSeconds = CacheSeconds;
        try
        {
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                lease.Inode.FillAttr(out attr);
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            attr = default;
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno ReadLink(Request request, ulong node, Span<byte> target, out int length)
    {
        length = 0;
        try
        {
            using InodeLease lease = Pin(node);
            lock (lease.Inode)
            {
                if (!FileMode.IsSymLink(lease.Inode.Mode))
                {
                    return Errno.EINVAL;
                }
                lease.Inode.Target.CopyTo(target);
                length = lease.Inode.Target.Length;
                return Errno.Ok;
            }
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    /// <inheritdoc/>
    public override Errno StatFs(Request request, ulong node, out StatFs stat)
    {
        ulong used = state.UsedBytes;
        ulong disk = (ulong)Math.Max(0, store.Space.AvailableBytes);
        ulong quota = state.Quota;
        ulong free = quota == 0 ? disk : Math.Min(disk, quota > used ? quota - used : 0);
        stat = new StatFs
        {
            BlockSize = 4096,
            Blocks = (quota == 0 ? used + disk : quota) / 4096,
            Free = free / 4096,
            Available = free / 4096,
            Files = (ulong)state.InodeCount + free / 4096,
            FilesFree = free / 4096,
            NameLength = Vfs.Vfs.MaxName,
        };
        return Errno.Ok;
    }
}

using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Store.Maps;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    private const uint NoReplace = 1, Exchange = 2;

    /// <summary>Held for renames between folders, so that the ancestry of folders stands still while one is checked.</summary>
    private readonly Lock renames = new();

    /// <inheritdoc/>
    public override Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        if ((flags & ~(NoReplace | Exchange)) != 0 || flags == (NoReplace | Exchange))
        {
            return Errno.EINVAL;
        }
        try
        {
            store.Space.Admit(0);
            ulong node;
            ulong replaced = 0;
            bool directory;
            using (store.Gate.Enter())
            {
                if (store.Applied.Has(request.Unique, ChangeKind.Rename))
                {
                    return Errno.Ok;
                }
                if (parent != newParent)
                {
                    renames.Enter();
                }
                try
                {
                    Errno error = RenameLocked(request, parent, name, newParent, newName, flags, out node, out replaced, out directory);
                    if (error != Errno.Ok || node == 0)
                    {
                        return error;
                    }
                }
                finally
                {
                    if (parent != newParent)
                    {
                        renames.Exit();
                    }
                }
            }
            Publish(FsEventKind.Rename, request, node, directory, newParent, newName, parent, name, replaced: replaced);
            if (replaced != 0 && flags != Exchange && !state.Cache.IsKnown(replaced))
            {
                TryPurge(replaced);
            }
            return Errno.Ok;
        }
        catch (StoreException e)
        {
            return Fail(e);
        }
    }

    private Errno RenameLocked(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags,
        out ulong node, out ulong replaced, out bool directory)
    {
        node = replaced = 0;
        directory = false;
        using InodeLease from = Pin(parent);
        using InodeLease to = Pin(newParent);
        // Ancestor before descendant; folders that are no kin in either order, because only one thread at a time holds two.
        bool toFirst = parent != newParent && IsAncestor(newParent, parent);
        lock (toFirst ? to.Inode : from.Inode)
        {
            lock (toFirst ? from.Inode : to.Inode)
            {
                Errno refused = CheckFolder(from.Inode) is not Errno.Ok and var first ? first : CheckFolder(to.Inode);
                if (refused != Errno.Ok)
                {
                    return refused;
                }
                if (!FolderNames.TryFind(from.Inode, state.Names, name, out DirectoryEntry source))
                {
                    return Errno.ENOENT;
                }
                ulong moved = source.Inode;
                ulong target = FolderNames.TryFind(to.Inode, state.Names, newName, out DirectoryEntry existing) ? existing.Inode : 0;
                if (target != 0 && flags == NoReplace)
                {
                    return Errno.EEXIST;
                }
                if (target == 0 && flags == Exchange)
                {
                    return Errno.ENOENT;
                }
                if (target == moved)
                {
                    return Errno.Ok;
                }
                using InodeLease inode = Pin(moved);
                using InodeLease other = target == 0 ? default : Pin(target);
                if (parent != newParent && inode.Inode.IsDirectory && (moved == newParent || IsAncestor(moved, newParent)))
                {
                    return Errno.EINVAL;
                }
                if (parent != newParent && target != 0 && flags == Exchange && other.Inode.IsDirectory && (target == parent || IsAncestor(target, parent)))
                {
                    return Errno.EINVAL;
                }
                if (target != 0 && flags != Exchange)
                {
                    if (inode.Inode.IsDirectory && !other.Inode.IsDirectory)
                    {
                        return Errno.ENOTDIR;
                    }
                    if (!inode.Inode.IsDirectory && other.Inode.IsDirectory)
                    {
                        return Errno.EISDIR;
                    }
                    // It holds the source, so it is not empty; told here because locking it below its descendant could deadlock.
                    if (parent != newParent && other.Inode.IsDirectory && (target == parent || IsAncestor(target, parent)))
                    {
                        return Errno.ENOTEMPTY;
                    }
                }
                var change = new RenameChange
                {
                    Parent = parent,
                    NewParent = newParent,
                    Exchange = flags == Exchange,
                    Time = Timestamp.Now,
                    Name = name,
                    NewName = newName,
                };
                refused = Move(request, change, from.Inode, to.Inode, inode.Inode, target == 0 ? null : other.Inode);
                if (refused == Errno.Ok)
                {
                    node = moved;
                    replaced = target;
                    directory = inode.Inode.IsDirectory;
                }
                return refused;
            }
        }
    }

    private Errno Move(Request request, in RenameChange change, Inode from, Inode to, Inode inode, Inode? other)
    {
        // Folders before files, then ascending ids.
        Inode low = inode;
        Inode high = other ?? inode;
        if (low.IsDirectory == high.IsDirectory ? high.Id < low.Id : high.IsDirectory)
        {
            (low, high) = (high, low);
        }
        lock (low)
        {
            lock (high)
            {
                if (other is { IsDirectory: true } && !change.Exchange && !other.Map.IsEmpty)
                {
                    return Errno.ENOTEMPTY;
                }
                SpanWriter record = Record(request);
                change.Encode(record);
                store.Append(ChangeKind.Rename, record);
                state.Apply(change, from, to, inode, other);
                return Errno.Ok;
            }
        }
    }

    /// <summary>Whether a folder lies above another one. Precondition: <see cref="renames"/> is held.</summary>
    private bool IsAncestor(ulong candidate, ulong node)
    {
        while (node != StoreHead.RootFolder && node != StoreHead.HiddenFolder)
        {
            ulong above;
            using (InodeLease lease = Pin(node))
            {
                above = Volatile.Read(ref lease.Inode.Parent);
            }
            if (above == candidate)
            {
                return true;
            }
            if (above == node || above == 0)
            {
                return false;
            }
            node = above;
        }
        return false;
    }
}

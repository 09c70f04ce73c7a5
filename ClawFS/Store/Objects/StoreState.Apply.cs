using System.Text;
using ClawFS.Linux;
using ClawFS.Store.Changes;
using ClawFS.Vfs;

namespace ClawFS.Store.Objects;

/// <summary>
/// The changes themselves. Preconditions of all: the gate is passed, the journal has the record, the locks of the inodes involved are held, and what
/// the change needs is loaded, so that it cannot fail half-way. Replay calls the same methods with the records of the journal.
/// </summary>
internal sealed partial class StoreState
{
    /// <summary>Makes the inode and its name; the caller unpins it.</summary>
    public InodeLease Apply(in CreateChange change, Inode? parent)
    {
        var inode = new Inode(change.Inode, this)
        {
            Mode = change.Mode,
            Nlink = FileMode.IsDirectory(change.Mode) ? 2u : parent is null ? 0u : 1u,
            Uid = change.Uid,
            Gid = change.Gid,
            Rdev = change.Rdev,
            Atime = change.Time,
            Mtime = change.Time,
            Ctime = change.Time,
            Btime = change.Time,
            Salt = change.Salt.ToArray(),
            Target = change.Target.ToArray(),
            Size = (ulong)change.Target.Length,
        };
        InodeLease lease = Cache.Add(inode);
        Dirty.Touch(inode);
        Interlocked.Increment(ref inodes);
        if (parent is null)
        {
            SetOrphan(inode.Id, true);
            return lease;
        }
        Dirty.Touch(parent);
        inode.Parent = parent.Id;
        inode.NameKey = FolderNames.Add(parent, Names, change.Name, inode.Id, FileMode.DirentType(inode.Mode));
        parent.Mtime = parent.Ctime = change.Time;
        if (inode.IsDirectory)
        {
            parent.Nlink++;
        }
        return lease;
    }

    /// <summary>Gives an inode a further name.</summary>
    public void Apply(in LinkChange change, Inode parent, Inode inode)
    {
        Dirty.Touch(parent);
        Dirty.Touch(inode);
        if (inode.Nlink++ == 0)
        {
            SetOrphan(inode.Id, false);
        }
        inode.Ctime = change.Time;
        inode.Parent = parent.Id;
        inode.NameKey = FolderNames.Add(parent, Names, change.Name, inode.Id, FileMode.DirentType(inode.Mode));
        parent.Mtime = parent.Ctime = change.Time;
    }

    /// <summary>Removes a name; the inode becomes an orphan with its last one.</summary>
    public void Apply(in RemoveChange change, Inode parent, Inode inode)
    {
        Dirty.Touch(parent);
        if (!FolderNames.TryFind(parent, Names, change.Name, out DirectoryEntry entry))
        {
            throw new StoreException(Errno.EIO, $"a name to remove from folder {parent.Id} is not there");
        }
        parent.Map.Remove(entry.Key);
        parent.Mtime = parent.Ctime = change.Time;
        Unname(parent, inode, change.Time);
    }

    /// <summary>Moves a name, replacing <paramref name="target"/> if there is one; or exchanges the two.</summary>
    public void Apply(in RenameChange change, Inode parent, Inode newParent, Inode inode, Inode? target)
    {
        Dirty.Touch(parent);
        Dirty.Touch(newParent);
        Dirty.Touch(inode);
        uint type = FileMode.DirentType(inode.Mode);
        if (!FolderNames.TryFind(parent, Names, change.Name, out DirectoryEntry source))
        {
            throw new StoreException(Errno.EIO, $"a name to rename in folder {parent.Id} is not there");
        }
        ulong sourceKey = source.Key;
        if (target is not null)
        {
            Dirty.Touch(target);
            if (!FolderNames.TryFind(newParent, Names, change.NewName, out DirectoryEntry replaced))
            {
                throw new StoreException(Errno.EIO, $"a name to replace in folder {newParent.Id} is not there");
            }
            ulong targetKey = replaced.Key;
            FolderNames.Replace(newParent, targetKey, change.NewName, inode.Id, type);
            if (change.Exchange)
            {
                FolderNames.Replace(parent, sourceKey, change.Name, target.Id, FileMode.DirentType(target.Mode));
                Move(target, newParent, parent, sourceKey, change.Time);
            }
            else
            {
                parent.Map.Remove(sourceKey);
                Unname(newParent, target, change.Time);
            }
            Move(inode, parent, newParent, targetKey, change.Time);
        }
        else
        {
            parent.Map.Remove(sourceKey);
            Move(inode, parent, newParent, FolderNames.Add(newParent, Names, change.NewName, inode.Id, type), change.Time);
        }
        parent.Mtime = parent.Ctime = newParent.Mtime = newParent.Ctime = change.Time;
    }

    /// <summary>Sets mode, owner and times.</summary>
    public void Apply(in AttributesChange change, Inode inode)
    {
        Dirty.Touch(inode);
        inode.Mode = (inode.Mode & FileMode.TypeMask) | (change.Mode & FileMode.PermMask);
        inode.Uid = change.Uid;
        inode.Gid = change.Gid;
        inode.Atime = change.Atime;
        inode.Mtime = change.Mtime;
        inode.Ctime = change.Ctime;
    }

    /// <summary>Cuts and inserts extents, sets size and times.</summary>
    public void Apply(in DataChange change, Inode inode)
    {
        Dirty.Touch(inode);
        if (change.CutTo > change.CutFrom)
        {
            Extents.Cut(inode, change.CutFrom, change.CutTo, Segments);
        }
        foreach (ref readonly Extent extent in change.Extents)
        {
            Extents.Cut(inode, extent.Block, extent.End, Segments);
            Extents.Insert(inode, extent, Segments);
        }
        inode.Size = change.Size;
        inode.Mode = (inode.Mode & FileMode.TypeMask) | (change.Mode & FileMode.PermMask);
        inode.Mtime = change.Mtime;
        inode.Ctime = change.Ctime;
    }

    /// <summary>Sets or removes an extended attribute.</summary>
    public void Apply(in XattrChange change, Inode inode)
    {
        Dirty.Touch(inode);
        string name = Encoding.Latin1.GetString(change.Name);
        if (change.Remove)
        {
            inode.Xattrs?.Remove(name);
        }
        else
        {
            (inode.Xattrs ??= new(StringComparer.Ordinal))[name] = change.Value.ToArray();
        }
        inode.Ctime = change.Time;
    }

    /// <summary>Ends an inode that has no name: its blocks die, its rows go with the next checkpoint.</summary>
    public void ApplyPurge(Inode inode)
    {
        Dirty.Touch(inode);
        SetOrphan(inode.Id, false);
        if (inode.IsRegular)
        {
            Extents.Cut(inode, 0, ulong.MaxValue, Segments);
        }
        inode.Purged = true;
        Interlocked.Decrement(ref inodes);
    }

    /// <summary>Sets the quota.</summary>
    public void ApplyQuota(ulong bytes) => Volatile.Write(ref quota, bytes);

    private void Move(Inode inode, Inode from, Inode to, ulong key, Timestamp time)
    {
        if (inode.IsDirectory && from != to)
        {
            from.Nlink--;
            to.Nlink++;
        }
        inode.Parent = to.Id;
        inode.NameKey = key;
        inode.Ctime = time;
    }

    private void Unname(Inode parent, Inode inode, Timestamp time)
    {
        Dirty.Touch(inode);
        inode.Ctime = time;
        if (inode.IsDirectory)
        {
            parent.Nlink--;
            inode.Nlink = 0;
        }
        else
        {
            inode.Nlink--;
        }
        if (inode.Nlink == 0)
        {
            SetOrphan(inode.Id, true);
        }
    }

    private void SetOrphan(ulong inode, bool orphan)
    {
        lock (Orphans)
        {
            Dirty.Touch(Orphans);
            if (orphan)
            {
                Orphans.Add(inode);
            }
            else
            {
                Orphans.Remove(inode);
            }
        }
    }
}

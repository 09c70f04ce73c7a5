using ClawFS.Linux;

namespace ClawFS.Vfs;

// Folders and files that callers make, rename and remove: each folder says itself whether it takes part.
internal sealed partial class GeneratedTree
{
    public override Errno MkDir(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry)
    {
        entry = default;
        if (Find(parent) is not GeneratedFolder folder)
        {
            return NoFolder(parent);
        }
        if (folder.Children.ContainsKey(name.ToArray()))
        {
            return Errno.EEXIST;
        }
        Errno error = folder.MakeFolder(request, name);
        error = error == Errno.Ok ? Lookup(request, parent, name, out entry) : error;
        if (error == Errno.Ok)
        {
            Publish(FsEventKind.Create, request, parent, name, entry.Attr.Ino);
        }
        return error;
    }

    /// <summary>A new file is saved when it is closed, though nothing was written: it is opened as if it had been cut off.</summary>
    public override Errno Create(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, int flags, out Entry entry, out OpenReply reply)
    {
        (entry, reply) = (default, default);
        if (Find(parent) is not WritableFolder folder)
        {
            return Find(parent) is GeneratedFolder fixedOne ? fixedOne.NoNewFile : NoFolder(parent);
        }
        Errno error = folder.Closed is var closed and not Errno.Ok ? closed : folder.MakeFile(request, name);
        if (error == Errno.Ok)
        {
            flags |= OpenFlags.Truncate | (OpenFlags.Writes(flags) ? 0 : OpenFlags.ReadWrite);
        }
        else if (error != Errno.EEXIST || (flags & OpenFlags.Exclusive) != 0)
        {
            return error;
        }
        error = Lookup(request, parent, name, out entry);
        if (error != Errno.Ok)
        {
            return error;
        }
        error = Open(request, entry.Node, flags, false, out reply);
        if (error != Errno.Ok)
        {
            Forget(entry.Node, 1);
        }
        return error;
    }

    public override Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        const uint noReplace = 1;
        if (Find(parent) is not GeneratedFolder from || Find(newParent) is not GeneratedFolder target)
        {
            return Find(parent) is GeneratedFolder ? NoFolder(newParent) : NoFolder(parent);
        }
        if (from is not WritableFolder folder)
        {
            return Errno.EPERM;
        }
        if (target is not WritableFolder to)
        {
            return Errno.EXDEV;
        }
        if (folder.Closed is var closed and not Errno.Ok)
        {
            return closed;
        }
        if (folder.Find(name) is not FolderFile file)
        {
            return Errno.ENOENT;
        }
        if ((flags & ~noReplace) != 0)
        {
            return Errno.EINVAL;
        }
        return folder == to && name.SequenceEqual(newName) ? Errno.Ok : folder.RenameFile(request, file, to, newName, (flags & noReplace) == 0);
    }

    public override Errno MkNod(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry)
    {
        entry = default;
        if (Find(parent) is not GeneratedFolder folder)
        {
            return NoFolder(parent);
        }
        if (folder.Children.ContainsKey(name.ToArray()))
        {
            return Errno.EEXIST;
        }
        Errno error = (mode & FileMode.TypeMask) == FileMode.Socket ? folder.MakeSocket(request, name) : Errno.EPERM;
        return error == Errno.Ok ? Lookup(request, parent, name, out entry) : error;
    }

    public override Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name) => Remove(request, parent, name, isFolder: false);

    public override Errno RmDir(Request request, ulong parent, ReadOnlySpan<byte> name) => Remove(request, parent, name, isFolder: true);

    private Errno Remove(Request request, ulong parent, ReadOnlySpan<byte> name, bool isFolder)
    {
        if (Find(parent) is not GeneratedFolder folder)
        {
            return NoFolder(parent);
        }
        if (folder is WritableFolder { Closed: not Errno.Ok and var closed })
        {
            return closed;
        }
        if (!folder.TryFind(request, name, out FolderChild child))
        {
            return Errno.ENOENT;
        }
        if (child.Node is not GeneratedNode node)
        {
            return Errno.EPERM;
        }
        if (node is GeneratedFolder != isFolder)
        {
            return isFolder ? Errno.ENOTDIR : Errno.EISDIR;
        }
        ulong ino = node.Ino;
        Errno error = folder.RemoveChild(request, name, node);
        if (error == Errno.Ok && isFolder)
        {
            Publish(FsEventKind.Remove, request, parent, name, ino);
        }
        return error;
    }

    private Errno NoFolder(ulong node) => Find(node) is null ? Errno.ENOENT : Errno.ENOTDIR;

    private void Publish(FsEventKind kind, Request request, ulong parent, ReadOnlySpan<byte> name, ulong node) => Events.Publish(new FsEvent
    {
        Kind = kind,
        Time = Timestamp.Now,
        Node = node,
        Parent = parent,
        Name = name.ToArray(),
        Uid = request.Uid,
        Pid = request.Pid,
        IsDirectory = true,
    });
}

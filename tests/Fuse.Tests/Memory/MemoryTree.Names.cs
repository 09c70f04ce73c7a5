using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Memory;

internal partial class MemoryTree
{
    private const uint NoReplace = 1, Exchange = 2;

    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        entry = default;
        lock (gate)
        {
            if (Folder(parent) is not { } folder)
                return Errno.ENOTDIR;
            if (folder.Child(name) is not { } child)
                return Errno.ENOENT;

            entry = Give(child);
            return Errno.Ok;
        }
    }

    public override void Forget(ulong node, ulong count)
    {
        lock (gate)
        {
            if (nodes.TryGetValue(node, out MemoryNode? found))
            {
                found.Lookups -= Math.Min(count, found.Lookups);
                DropIfUnused(found);
            }
        }
    }

    public override Errno SymLink(Request request, ulong parent, ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, out Entry entry)
    {
        byte[] copy = target.ToArray();
        return Make(request, parent, name, ClawFS.Vfs.FileMode.SymLink | 0x1FF, out entry, made =>
        {
            made.Data = copy;
            made.Attr.Size = (ulong)copy.Length;
        });
    }

    public override Errno MkNod(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, uint rdev, out Entry entry) =>
        Make(request, parent, name, mode, out entry, made => made.Attr.Rdev = rdev);

    public override Errno MkDir(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry) =>
        Make(request, parent, name, ClawFS.Vfs.FileMode.Directory | (mode & ClawFS.Vfs.FileMode.PermMask), out entry, null);

    private Errno Make(Request request, ulong parent, ReadOnlySpan<byte> name, uint mode, out Entry entry, Action<MemoryNode>? fill)
    {
        entry = default;
        lock (gate)
        {
            if (Folder(parent) is not { Attr.Nlink: > 0 } folder)
                return Errno.ENOENT;
            if (folder.Child(name) is not null)
                return Errno.EEXIST;

            MemoryNode made = New(request, folder, mode);
            fill?.Invoke(made);
            folder.Add(name, made);
            entry = Give(made);
            return Errno.Ok;
        }
    }

    public override Errno Unlink(Request request, ulong parent, ReadOnlySpan<byte> name)
    {
        lock (gate)
        {
            if (Folder(parent) is not { } folder || folder.Child(name) is not { } child)
                return Errno.ENOENT;
            if (child.Attr.IsDirectory)
                return Errno.EISDIR;

            folder.Remove(name);
            Unlinked(child);
            return Errno.Ok;
        }
    }

    public override Errno RmDir(Request request, ulong parent, ReadOnlySpan<byte> name)
    {
        lock (gate)
        {
            if (Folder(parent) is not { } folder || folder.Child(name) is not { } child)
                return Errno.ENOENT;
            if (!child.Attr.IsDirectory)
                return Errno.ENOTDIR;
            if (child.Children.Count != 0)
                return Errno.ENOTEMPTY;

            folder.Remove(name);
            Unlinked(child);
            return Errno.Ok;
        }
    }

    public override Errno Link(Request request, ulong node, ulong newParent, ReadOnlySpan<byte> newName, out Entry entry)
    {
        entry = default;
        lock (gate)
        {
            if (Folder(newParent) is not { } folder || !nodes.TryGetValue(node, out MemoryNode? target))
                return Errno.ENOENT;
            if (target.Attr.IsDirectory)
                return Errno.EPERM;
            if (folder.Child(newName) is not null)
                return Errno.EEXIST;

            target.Attr.Nlink++;
            target.Attr.Ctime = Timestamp.Now;
            folder.Add(newName, target);
            entry = Give(target);
            return Errno.Ok;
        }
    }

    public override Errno Rename(Request request, ulong parent, ReadOnlySpan<byte> name, ulong newParent, ReadOnlySpan<byte> newName, uint flags)
    {
        lock (gate)
        {
            if (Folder(parent) is not { } from || Folder(newParent) is not { } to || from.Child(name) is not { } moved)
                return Errno.ENOENT;

            // The kernel refuses to move a folder into itself; a forged request must not close a circle either.
            for (MemoryNode up = to; up.Attr.Ino != 1; up = up.Parent)
            {
                if (ReferenceEquals(up, moved))
                    return Errno.EINVAL;
                if (up.Attr.Nlink == 0)
                    return Errno.ENOENT;
            }

            MemoryNode? target = to.Child(newName);
            if (ReferenceEquals(target, moved))
                return Errno.Ok;
            if (flags == Exchange)
                return Swap(from, name, moved, to, newName, target);
            if (target is not null && flags == NoReplace)
                return Errno.EEXIST;
            if (target is not null && Replace(to, newName, target, moved) is var error && error != Errno.Ok)
                return error;

            from.Remove(name);
            to.Add(newName, moved);
            moved.Attr.Ctime = Timestamp.Now;
            return Errno.Ok;
        }
    }

    private Errno Replace(MemoryNode folder, ReadOnlySpan<byte> name, MemoryNode target, MemoryNode by)
    {
        if (target.Attr.IsDirectory != by.Attr.IsDirectory)
            return target.Attr.IsDirectory ? Errno.EISDIR : Errno.ENOTDIR;
        if (target.Children.Count != 0)
            return Errno.ENOTEMPTY;

        folder.Remove(name);
        Unlinked(target);
        return Errno.Ok;
    }

    private static Errno Swap(MemoryNode from, ReadOnlySpan<byte> name, MemoryNode moved, MemoryNode to, ReadOnlySpan<byte> newName, MemoryNode? target)
    {
        if (target is null)
            return Errno.ENOENT;

        for (MemoryNode up = from; up.Attr.Ino != 1; up = up.Parent)
        {
            if (ReferenceEquals(up, target))
                return Errno.EINVAL;
            if (up.Attr.Nlink == 0)
                return Errno.ENOENT;
        }

        from.Remove(name);
        to.Remove(newName);
        from.Add(name, target);
        to.Add(newName, moved);
        return Errno.Ok;
    }
}

using ClawFS.Linux;

namespace ClawFS.Vfs;

// Folders that callers make, and what they remove: each folder says itself whether it takes part.
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

using ClawFS.Linux;

namespace ClawFS.Vfs;

// Finding, listing and forgetting.
internal sealed partial class GeneratedTree
{
    private const ulong CookieAfterDot = 1, CookieAfterDotDot = 2;

    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        entry = default;
        GeneratedNode? node = Find(parent);
        if (node is not GeneratedFolder folder)
        {
            return node is null ? Errno.ENOENT : Errno.ENOTDIR;
        }
        if (folder is WritableFolder { Closed: not Errno.Ok and var closed })
        {
            return closed;
        }
        if (folder.IsPassage && !MayLookUp(request, folder, name))
        {
            return Errno.EACCES;
        }
        if (folder.Preparing(name) is { IsCompleted: false } preparing)
        {
            return request.Await(preparing);
        }
        // A dynamic child may be retired between finding and counting it; then it is made again.
        for (int attempt = 0; attempt < 8; attempt++)
        {
            if (!folder.TryFind(request, name, out FolderChild child))
            {
                return Errno.ENOENT;
            }
            if (child.Node is null)
            {
                return LookupTop(request, child.Stored, out entry);
            }
            if (TryReference(request, child.Node, out entry))
            {
                return Errno.Ok;
            }
            folder.DropDynamic(child.Node);
        }
        return Errno.ENOENT;
    }

    /// <summary>Counts a reference to a generated node and describes it; false if it was dropped meanwhile.</summary>
    public bool TryReference(Request request, GeneratedNode node, out Entry entry)
    {
        NodeShape shape = node.Measure();
        NodeAlias? alias = node.IsTouchable && IsWorker(request) ? ids.ReferenceStalest(node, shape) : ids.Reference(node, shape);
        if (alias is null)
        {
            entry = default;
            return false;
        }
        entry = new Entry
        {
            Node = alias.Id,
            // Of a folder the kernel takes every mtime, so it gets the one of now; of a file it knows the one of the alias.
            Attr = AttrOf(request, node, node is GeneratedFolder ? shape : alias.Shape),
            // Each walk through a passage is asked about, so that nobody comes by a name that another one has looked up.
            EntrySeconds = node.Parent is { IsPassage: true } ? 0 : node.EntrySeconds,
            AttrSeconds = node.AttrSeconds,
        };
        return true;
    }

    public override void Forget(ulong node, ulong count)
    {
        if (ids.Forget(node, count, kernel) is GeneratedNode gone)
        {
            gone.Parent?.DropDynamic(gone);
        }
    }

    public override Errno ReadDir(Request request, ulong node, ulong cookie, DirSink sink)
    {
        GeneratedNode? found = Find(node);
        if (found is not GeneratedFolder folder)
        {
            // A folder that was removed while somebody reads it has ended.
            return found is null ? Errno.Ok : Errno.ENOTDIR;
        }
        if (folder is WritableFolder { Unlisted: not Errno.Ok and var unlisted })
        {
            return unlisted;
        }
        if (folder.Preparing() is { IsCompleted: false } preparing)
        {
            return request.Await(preparing);
        }
        ulong above = folder.Parent?.Ino ?? (folder.StoredParent != 0 ? folder.StoredParent : folder.Ino);
        bool hasRoom = cookie >= CookieAfterDot || sink.Add("."u8, folder.Ino, FileMode.Directory, CookieAfterDot);
        if (hasRoom && (cookie >= CookieAfterDotDot || sink.Add(".."u8, above, FileMode.Directory, CookieAfterDotDot)))
        {
            folder.Listing().Read(Math.Max(cookie, FolderListing.FirstKey), 0, sink);
        }
        return Errno.Ok;
    }

    public override Errno ReadLink(Request request, ulong node, Span<byte> target, out int length)
    {
        length = 0;
        GeneratedNode? found = Find(node);
        if (found is not GeneratedLink link)
        {
            return found is null ? Errno.ENOENT : Errno.EINVAL;
        }
        length = Math.Min(link.Target.Length, target.Length);
        link.Target[..length].CopyTo(target);
        return Errno.Ok;
    }

    /// <summary>The kernel may have let somebody pass by the bits that were meant for the worker.</summary>
    private bool MayLookUp(Request request, GeneratedFolder folder, ReadOnlySpan<byte> name) =>
        IsWorker(request) ? folder.Children.ContainsKey(name.ToArray()) : request.Uid == 0 || request.Uid == (folder.Uid ?? ownerUid);

    private Errno LookupTop(Request request, ulong inode, out Entry entry)
    {
        Errno error = stored.GetAttr(request, inode, 0, out Attr attr, out uint seconds);
        entry = error == Errno.Ok ? new Entry { Node = inode, Attr = attr, EntrySeconds = seconds, AttrSeconds = seconds } : default;
        return error;
    }
}

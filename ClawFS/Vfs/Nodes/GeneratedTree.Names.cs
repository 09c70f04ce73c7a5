using ClawFS.Linux;

namespace ClawFS.Vfs;

// Finding, listing and forgetting.
internal sealed partial class GeneratedTree
{
    private readonly HandleTable<FolderHandle> folders = new();

    public override Errno Lookup(Request request, ulong parent, ReadOnlySpan<byte> name, out Entry entry)
    {
        entry = default;
        GeneratedNode? node = Find(parent);
        if (node is not GeneratedFolder folder)
        {
            return node is null ? Errno.ENOENT : Errno.ENOTDIR;
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
            if (!IsVisible(request, folder, child.Node))
            {
                return Errno.ENOENT;
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
            Attr = AttrOf(request, node, alias.Shape),
            EntrySeconds = node.EntrySeconds,
            AttrSeconds = node.AttrSeconds,
        };
        return true;
    }

    public override void Forget(ulong node, ulong count)
    {
        if (ids.Forget(node, count) is GeneratedNode gone)
        {
            gone.Parent?.DropDynamic(gone);
        }
    }

    public override Errno OpenDir(Request request, ulong node, int flags, out OpenReply reply)
    {
        reply = default;
        GeneratedNode? found = Find(node);
        if (found is not GeneratedFolder folder)
        {
            return found is null ? Errno.ENOENT : Errno.ENOTDIR;
        }
        reply.Handle = folders.Add(new(request, folder));
        return Errno.Ok;
    }

    public override Errno ReadDir(Request request, ulong node, ulong handle, ulong cookie, DirSink sink)
    {
        FolderHandle? listing = folders.Find(handle);
        // A listing that an earlier fs had open goes on in the folder as it is now.
        if (listing is null)
        {
            GeneratedNode? found = Find(node);
            if (found is not GeneratedFolder folder)
            {
                return found is null ? Errno.ENOENT : Errno.ENOTDIR;
            }
            listing = new(request, folder);
        }
        listing.Read(cookie, sink);
        return Errno.Ok;
    }

    public override void ReleaseDir(Request request, ulong node, ulong handle) => folders.Remove(handle);

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

    private bool IsVisible(Request request, GeneratedFolder folder, GeneratedNode child)
    {
        Views? views = folder as Views ?? child as Views;
        return views is null || views.Admits(request) || ids.CountLive(child) != 0;
    }

    private Errno LookupTop(Request request, ulong inode, out Entry entry)
    {
        Errno error = stored.GetAttr(request, inode, 0, out Attr attr, out uint seconds);
        entry = error == Errno.Ok ? new Entry { Node = inode, Attr = attr, EntrySeconds = seconds, AttrSeconds = seconds } : default;
        return error;
    }
}

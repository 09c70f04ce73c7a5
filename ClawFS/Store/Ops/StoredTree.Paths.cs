using ClawFS.Linux;
using ClawFS.Store.Objects;
using ClawFS.Vfs;

namespace ClawFS.Store;

public sealed partial class StoredTree
{
    private const int MaxDepth = 4096;

    /// <summary>
    /// The stored top of a name ("memory"), made on first use with the given owner. Its mode and owner are the user's afterwards.
    /// </summary>
    /// <exception cref="StoreException">The store is damaged, full or read-only without that top.</exception>
    public ulong EnsureTop(string name, uint mode, uint uid, uint gid)
    {
        var request = new LocalRequest(uid, gid);
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(name);
        Errno error = Lookup(request, RootFolder, bytes, out Entry entry);
        if (error == Errno.Ok && entry.Node == 0)
        {
            error = MkDir(request, RootFolder, bytes, mode, out entry);
        }
        return error == Errno.Ok ? entry.Node : throw new StoreException(error, $"the top folder {name}: {error}");
    }

    /// <summary>
    /// The path of a node below the stored root ("memory/notes/a.md"), from where it was last seen. False when the node is gone, nameless
    /// or hidden. For events and messages, off the hot path.
    /// </summary>
    public bool TryGetPath(ulong node, out byte[] path) => TryGetPath(node, out path, out _);

    /// <summary>The path of a node, and the folder it lies in.</summary>
    public bool TryGetPath(ulong node, out byte[] path, out ulong folderOfNode)
    {
        path = [];
        folderOfNode = 0;
        var names = new List<byte[]>();
        int length = -1;
        try
        {
            for (int depth = 0; node != RootFolder; depth++)
            {
                if (node == HiddenFolder || depth == MaxDepth)
                {
                    return false;
                }
                ulong parent;
                ulong key;
                using (InodeLease lease = Pin(node))
                {
                    lock (lease.Inode)
                    {
                        parent = lease.Inode.Parent;
                        key = lease.Inode.NameKey;
                    }
                }
                if (parent == 0)
                {
                    return false;
                }
                folderOfNode = folderOfNode == 0 ? parent : folderOfNode;
                using (InodeLease folder = Pin(parent))
                {
                    lock (folder.Inode)
                    {
                        if (!FolderNames.TryNext(folder.Inode, key, out DirectoryEntry entry) || entry.Key != key || entry.Inode != node)
                        {
                            return false;
                        }
                        names.Add(entry.Name.ToArray());
                        length += entry.Name.Length + 1;
                    }
                }
                node = parent;
            }
        }
        catch (StoreException e) when (e.Error is Errno.ENOENT or Errno.EIO or Errno.ENOKEY)
        {
            // Gone meanwhile, locked, or damaged and reported where it is used: an event without a path is better than none.
            return false;
        }
        path = new byte[Math.Max(0, length)];
        int at = 0;
        for (int i = names.Count - 1; i >= 0; i--)
        {
            names[i].CopyTo(path, at);
            at += names[i].Length;
            if (i > 0)
            {
                path[at++] = (byte)'/';
            }
        }
        return true;
    }
}

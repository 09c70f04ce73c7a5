using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>The half of the mount that fs makes up: names, references and attributes of generated nodes.</summary>
internal sealed partial class GeneratedTree(uint ownerUid, uint ownerGid) : NodeTree
{
    private const uint TouchBits = 0x1B6, PassBits = 0x49;

    private readonly NodeIds ids = new();
    private readonly Lock topsGate = new();
    private volatile ulong[] tops = [];
    private volatile NodeTree stored = new LockedTree();
    private volatile KernelCache kernel = KernelCache.None;
    private volatile NotifyLink? notify;

    /// <summary>The tree that answers for mounted stored folders.</summary>
    public NodeTree Stored { get => stored; set => stored = value; }
    public KernelCache Kernel { get => kernel; set => kernel = value; }
    public NotifyLink? Notify { get => notify; set => notify = value; }
    public FsEventSink Events { get; set; } = FsEventSink.None;
    /// <summary>Path of a stored folder, for the generated nodes that hang below one.</summary>
    public NodePath StoredPath { get; set; } = static (ulong _, out byte[] path) => { path = []; return false; };

    /// <summary>Whether a stored inode is mounted somewhere by name; its references are not counted, for it stays.</summary>
    public bool IsTop(ulong inode) => tops.AsSpan().Contains(inode);

    /// <summary>The generated node behind a node id, or null.</summary>
    public GeneratedNode? Find(ulong node) => ids.Find(node)?.Node;

    public void MountTop(ulong inode)
    {
        lock (topsGate)
        {
            if (IsTop(inode))
            {
                throw new InvalidOperationException($"stored folder {inode} is already mounted");
            }
            tops = [.. tops, inode];
        }
    }

    public void UnmountTop(ulong inode)
    {
        lock (topsGate)
        {
            tops = Array.FindAll(tops, top => top != inode);
        }
    }

    /// <summary>Has the kernel drop the names of all mounted stored folders and what it knows about them.</summary>
    public void InvalidateTops(GeneratedFolder folder)
    {
        foreach ((byte[] name, FolderChild child) in folder.Children)
        {
            if (child.Node is GeneratedFolder below)
            {
                InvalidateTops(below);
            }
            else if (child.Stored != 0)
            {
                kernel.InvalidateEntry(folder.Ino, name);
                kernel.InvalidateInode(child.Stored, 0, 0);
            }
        }
    }

    /// <summary>Makes a node and everything below it reachable.</summary>
    public void Attach(GeneratedNode node)
    {
        byte[] path = node.Parent is null ? [] : PathOf(node.Parent, node.Name);
        if (node.Parent is { Path: null })
        {
            AttachBelowStored(node, path);
            return;
        }
        node.Tree = this;
        node.Path = path;
        ids.Register(node, path);
        AttachChildren(node);
    }

    /// <summary>Makes a node reachable whose folder is a stored one; <paramref name="identity"/> gives its inode number.</summary>
    public void AttachBelowStored(GeneratedNode node, byte[] identity)
    {
        node.Tree = this;
        ids.Register(node, identity);
        AttachChildren(node);
    }

    /// <summary>Makes a node and everything below it unreachable.</summary>
    public void Detach(GeneratedNode node)
    {
        if (node is GeneratedFolder folder)
        {
            foreach (FolderChild child in folder.Children.Values)
            {
                if (child.Node is not null)
                {
                    Detach(child.Node);
                }
                else
                {
                    UnmountTop(child.Stored);
                }
            }
        }
        ids.Unregister(node);
        node.Tree = null;
    }

    /// <summary>A node has lost its name; whoever has it open goes on.</summary>
    public void Orphan(GeneratedNode node) => ids.Orphan(node);

    /// <summary>Has the kernel list a folder anew, whose names it knows.</summary>
    public void ListingChanged(GeneratedFolder folder) => kernel.InvalidateInode(folder.Ino, -1, 0);

    /// <summary>Has the kernel ask again for a name of a folder.</summary>
    public void NameChanged(GeneratedFolder folder, ReadOnlySpan<byte> name)
    {
        kernel.InvalidateEntry(folder.Ino, name);
        kernel.InvalidateInode(folder.Ino, -1, 0);
    }

    /// <summary>Wakes inotify watchers of a node, if the kernel holds it at all.</summary>
    public void Touch(GeneratedNode node)
    {
        if (notify is NotifyLink link && node.IsTouchable && CountWatchable(node) is > 0 and int live && TryGetPath(node, out byte[] path))
        {
            link.Touch(path, live);
        }
    }

    /// <summary>Wakes the watchers of everything that can be touched. A growing file without a length has nothing to tell; its storage may be locked.</summary>
    public void TouchAll()
    {
        foreach (GeneratedNode node in ids.Nodes())
        {
            if (node is not GrowingFile || node.Measure().Size != 0)
            {
                Touch(node);
            }
        }
    }

    /// <summary>
    /// Takes over the node ids that a dead process gave out on this mount and the kernel still holds; before anything is served. Listings of folders, which it
    /// may have made of other names, the kernel drops.
    /// </summary>
    public void Inherit()
    {
        foreach (GeneratedNode node in ids.Nodes())
        {
            if (node is GeneratedFolder)
            {
                kernel.InvalidateInode(node.Ino, 0, 0);
            }
            else
            {
                ids.Inherit(node, node.Measure(), kernel.Holds);
            }
        }
    }

    /// <summary>Where a generated node is now, relative to the root.</summary>
    public bool TryGetPath(GeneratedNode node, out byte[] path)
    {
        path = node.Path ?? [];
        if (node.Path is not null)
        {
            return true;
        }
        byte[] below = node.Name;
        GeneratedNode top = node;
        for (; top.Parent is GeneratedFolder parent; top = parent)
        {
            below = [.. parent.Name, (byte)'/', .. below];
        }
        if (top.StoredParent == 0 || !StoredPath(top.StoredParent, out byte[] above))
        {
            return false;
        }
        path = [.. above, (byte)'/', .. below];
        return true;
    }

    public static byte[] PathOf(GeneratedFolder parent, ReadOnlySpan<byte> name) => parent switch
    {
        { Path: { Length: > 0 } path } => [.. path, (byte)'/', .. name],
        { Path: null } => [.. BitConverter.GetBytes(parent.Ino), (byte)'/', .. name],
        _ => name.ToArray(),
    };

    private void AttachChildren(GeneratedNode node)
    {
        if (node is not GeneratedFolder folder)
        {
            return;
        }
        foreach (FolderChild child in folder.Children.Values)
        {
            if (child.Node is null)
            {
                MountTop(child.Stored);
            }
            else if (node.Path is null)
            {
                AttachBelowStored(child.Node, PathOf(folder, child.Node.Name));
            }
            else
            {
                Attach(child.Node);
            }
        }
        folder.Numbered();
    }

    private int CountWatchable(GeneratedNode node)
    {
        // Who saves such a file wakes the watchers of the id it uses, the newest. Its mtime stays: an editor that sees another one takes the file for changed by somebody else.
        int live = ids.CountLive(node) - (node is FolderFile ? 1 : 0);
        return live == 0 && node is { WakesFolder: true, Parent: GeneratedFolder folder } ? Math.Min(1, ids.CountLive(folder)) : live;
    }

    private Attr AttrOf(Request request, GeneratedNode node, in NodeShape shape)
    {
        uint touch = (node.IsTouchable || node is GeneratedFolder { IsPassage: true }) && IsWorker(request) ? (node is GeneratedFolder ? PassBits : TouchBits) : 0;
        return new Attr
        {
            Ino = node.Ino,
            Size = shape.Size,
            Blocks = (shape.Size + 511) / 512,
            Atime = shape.Mtime,
            Mtime = shape.Mtime,
            Ctime = shape.Mtime,
            Btime = shape.Mtime,
            Mode = node.Mode | touch,
            Nlink = FileMode.IsDirectory(node.Mode) ? 2u : 1u,
            Uid = node.Uid ?? ownerUid,
            Gid = node.Gid ?? ownerGid,
        };
    }

    private bool IsWorker(Request request) => notify is NotifyLink link && link.WorkerThread != 0 && request.Pid == link.WorkerThread;
}

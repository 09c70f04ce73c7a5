namespace ClawFS.Vfs;

/// <summary>
/// The tree that FUSE serves: it sends each request to the generated half or to the stored half by node id. The root is a generated
/// folder; stored folders are mounted in generated ones by name (<see cref="GeneratedFolder.AddStored"/>) and may themselves carry generated
/// children, which user files cannot shadow. A request on a stored node costs one comparison here.
/// </summary>
/// <remarks>
/// Contract with the stored tree: inode numbers are 2 .. 2^62-1; READDIR cookies of folders that carry generated children are below 2^62;
/// a mounted folder's references are not counted (it never goes away), so FORGET of it is not passed on. Where a stored folder carries generated children,
/// the kernel is shown a later mtime than the stored one: it holds the merged listing against that.
/// Locks: none are held while the stored tree is called.
/// </remarks>
public sealed partial class MountTable : NodeTree
{
    // Cookies of generated children in a stored folder's listing; they come after all stored names.
    private const ulong FirstOverlayCookie = 1UL << 62;

    private readonly GeneratedTree generated;
    private readonly Overlays overlays = new();
    private volatile NodeTree stored;

    /// <summary>Makes the table over a root folder with its children.</summary>
    /// <param name="root">Node 1.</param>
    /// <param name="stored">The stored tree, or a <see cref="LockedTree"/>.</param>
    /// <param name="ownerUid">Owner of generated nodes that name none.</param>
    /// <param name="ownerGid">Group of generated nodes that name none.</param>
    public MountTable(GeneratedFolder root, NodeTree stored, uint ownerUid, uint ownerGid)
    {
        Root = root;
        this.stored = stored;
        generated = new(ownerUid, ownerGid) { Stored = stored };
        generated.Attach(root);
    }

    /// <summary>Node 1.</summary>
    public GeneratedFolder Root { get; }

    /// <summary>What the kernel has cached; set once the connection exists.</summary>
    public KernelCache Kernel { get => generated.Kernel; set => generated.Kernel = value; }

    /// <summary>The way to the notify worker, or null while there is none.</summary>
    public NotifyLink? Notify { get => generated.Notify; set => generated.Notify = value; }

    /// <summary>Where committed writes to generated files are published.</summary>
    public FsEventSink Events { get => generated.Events; set => generated.Events = value; }

    /// <summary>Paths of stored nodes, relative to the root of the mount.</summary>
    public NodePath StoredPath { get => generated.StoredPath; set => generated.StoredPath = value; }

    /// <summary>The stored tree; setting another one (lock, unlock) has the kernel drop the mounted folders.</summary>
    public NodeTree Stored
    {
        get => stored;
        set
        {
            stored = value;
            generated.Stored = value;
            generated.InvalidateTops(Root);
        }
    }

    /// <summary>
    /// Takes over from a process that died on this mount: programs that hold generated files open or watch them go on. Before anything is served,
    /// with <see cref="Kernel"/> set.
    /// </summary>
    public void Inherit()
    {
        generated.Inherit();
        foreach (ulong folder in overlays.Folders)
        {
            Kernel.InvalidateInode(folder, 0, 0);
        }
    }

    /// <summary>Wakes whoever watches a generated file: each may have changed while nobody could tell.</summary>
    public void TouchAll() => generated.TouchAll();

    /// <summary>Gives a stored folder a generated child.</summary>
    /// <exception cref="InvalidOperationException">The folder has a generated child of that name.</exception>
    public void AddBelowStored(ulong storedFolder, string name, GeneratedNode node)
    {
        byte[] bytes = GeneratedFolder.ToName(name);
        node.Name = bytes;
        node.StoredParent = storedFolder;
        generated.AttachBelowStored(node, [.. BitConverter.GetBytes(storedFolder), (byte)'/', .. bytes]);
        if (!overlays.TryAdd(storedFolder, bytes, node))
        {
            generated.Detach(node);
            throw new InvalidOperationException($"{name}: stored folder {storedFolder} has a generated child of that name");
        }
        NameChanged(storedFolder, bytes);
    }

    /// <summary>Takes a generated child of a stored folder away; false if there is none.</summary>
    public bool RemoveBelowStored(ulong storedFolder, string name)
    {
        byte[] bytes = GeneratedFolder.ToName(name);
        if (overlays.Remove(storedFolder, bytes) is not GeneratedNode node)
        {
            return false;
        }
        generated.Detach(node);
        NameChanged(storedFolder, bytes);
        return true;
    }

    /// <summary>Where a node is now, relative to the root of the mount; false if it has no name any more.</summary>
    public bool TryGetPath(ulong node, out byte[] path)
    {
        if (IsStored(node))
        {
            return StoredPath(node, out path);
        }
        path = [];
        return generated.Find(node) is GeneratedNode found && generated.TryGetPath(found, out path);
    }

    /// <summary>How many generated files are open; for metrics.</summary>
    public int OpenGeneratedFiles => generated.OpenFiles;

    // One comparison: 0 and 1 wrap round to the top.
    private static bool IsStored(ulong node) => node - 2 < Vfs.FirstGeneratedNode - 2;

    private NodeTree Of(ulong node) => IsStored(node) ? stored : generated;

    private bool IsOverlaid(ulong folder, ReadOnlySpan<byte> name) => IsStored(folder) && overlays.Find(folder, name) is not null;

    private void NameChanged(ulong storedFolder, ReadOnlySpan<byte> name)
    {
        Kernel.InvalidateEntry(storedFolder, name);
        Kernel.InvalidateInode(storedFolder, 0, 0);
    }
}

namespace ClawFS.Vfs;

/// <summary>
/// One node id under which the kernel knows a generated node. With the writeback cache the kernel owns the size and the mtime of every
/// regular file and ignores what GETATTR says about an inode that it already has (fs/fuse/inode.c, fuse_get_cache_mask), so a size can
/// only change together with the node id: each version of the content that is looked up gets an id of its own, while st_ino stays.
/// Names of such nodes have no time to live, so every path walk ends at the version of that moment. Guarded by the gate of <see cref="NodeIds"/>.
/// </summary>
internal sealed class NodeAlias(ulong id, GeneratedNode node)
{
    public ulong Id { get; } = id;
    public GeneratedNode Node { get; } = node;
    /// <summary>What the kernel was told when it made its inode.</summary>
    public NodeShape Shape { get; set; }
    /// <summary>References that the kernel holds.</summary>
    public ulong Lookups { get; set; }
    /// <summary>Opened for writing: the kernel's size is what the writer made of it, so the next lookup takes another id.</summary>
    public bool IsSpoiled { get; set; }
    /// <summary>Given out by a process that died on this mount: its open files read the content as it is now.</summary>
    public bool IsInherited { get; set; }
    /// <summary>When the notify worker was here last, or the kernel took this id for the newest content, as a count of touches.</summary>
    public ulong Touched { get; set; }
}

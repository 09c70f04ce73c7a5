using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A node that fs makes up: a folder, a rendered or growing file, a channel or a symbolic link. It becomes reachable when it is added to
/// a folder of a <see cref="MountTable"/>; its inode number then follows from its path, so that it survives a restart of fs.
/// Members run on several dispatcher threads at once and must not block.
/// </summary>
public abstract class GeneratedNode
{
    private static readonly Dictionary<string, byte[]> NoAttributes = [];

    /// <summary>Makes a node that is not reachable yet.</summary>
    /// <param name="mode">File type and permission bits (S_IFMT | 0777); the kernel enforces the bits (default_permissions).</param>
    protected GeneratedNode(uint mode) => Mode = mode;

    /// <summary>File type and permission bits.</summary>
    public uint Mode { get; }

    /// <summary>Owner; null is the owner of the mount.</summary>
    public uint? Uid { get; init; }

    /// <summary>Group; null is the group of the owner of the mount.</summary>
    public uint? Gid { get; init; }

    /// <summary>Inode number as stat(2) shows it; 0 until the node is reachable. Stable for a path.</summary>
    public ulong Ino { get; internal set; }

    /// <summary>Path below the root of the mount without a leading slash; null until the node is reachable, or below a stored folder.</summary>
    public byte[]? Path { get; internal set; }

    internal GeneratedTree? Tree { get; set; }
    internal GeneratedFolder? Parent { get; set; }
    /// <summary>Inode of the stored folder that carries this node, 0 if its folder is a generated one.</summary>
    internal ulong StoredParent { get; set; }
    internal byte[] Name { get; set; } = [];
    /// <summary>Made by a lookup: dropped again when the kernel forgets it.</summary>
    internal bool IsDynamic { get; set; }
    /// <summary>The node ids under which the kernel may know this node; guarded by the gate of <see cref="NodeIds"/>.</summary>
    internal List<NodeAlias> Aliases { get; } = [];
    /// <summary>What the node's further ids have in common; their number is in the low bits. Guarded like <see cref="Aliases"/>.</summary>
    internal ulong FurtherIds { get; set; }
    /// <summary>No number below it is free. Guarded like <see cref="Aliases"/>.</summary>
    internal ulong LowestFree { get; set; } = 1;
    /// <summary>Dropped for good: a lookup that still holds it must look again. Guarded like <see cref="Aliases"/>.</summary>
    internal bool IsRetired { get; set; }

    /// <summary>Seconds the kernel may keep the name.</summary>
    protected internal virtual uint EntrySeconds => 0;

    /// <summary>Seconds the kernel may keep the attributes.</summary>
    protected internal virtual uint AttrSeconds => 0;

    /// <summary>Whether the notify worker may touch the node so that inotify fires.</summary>
    protected internal virtual bool IsTouchable => false;

    /// <summary>Whether who watches the folder is woken, too, even if the kernel has never looked the file up. For few files: each touch is a round through the mount.</summary>
    protected internal virtual bool WakesFolder => false;

    /// <summary>Extended attributes, read-only to callers.</summary>
    protected internal virtual IReadOnlyDictionary<string, byte[]> Attributes => NoAttributes;

    /// <summary>The node now.</summary>
    protected internal abstract NodeShape Measure();

    /// <summary>
    /// What must be there before the node is measured, listed or opened, or null: such requests are done again when it has ended, so that no thread waits for it. It ends soon and in any
    /// case, and afterwards the node answers with what there is.
    /// </summary>
    protected internal virtual Task? Preparing() => null;

    /// <summary>OPEN. The node checks here what permission bits cannot say; the answer to a refusal is EACCES.</summary>
    /// <param name="request">Who opens.</param>
    /// <param name="flags">The open(2) flags.</param>
    /// <param name="shape">What the kernel was told about this inode: the size it will hold against what is read.</param>
    /// <param name="file">The open file.</param>
    protected internal virtual Errno Open(Request request, int flags, in NodeShape shape, out OpenFile? file)
    {
        file = null;
        return Errno.EACCES;
    }

    /// <summary>truncate(2) by path, without an open file.</summary>
    protected internal virtual Errno Truncate(Request request, ulong size) => Errno.EACCES;

    /// <summary>Says that the content is different now: inotify watchers are woken through the notify worker.</summary>
    public virtual void Changed() => Tree?.Touch(this);

    /// <summary>The path for messages.</summary>
    public override string ToString() => Path is null ? $"<{GetType().Name}>" : Encoding.UTF8.GetString(Path);
}

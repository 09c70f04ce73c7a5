using System.Text;
using ClawFS.Linux;

namespace ClawFS.Vfs;

/// <summary>
/// A folder made of fixed children and, in a derived class, of children that a lookup makes up. Callers cannot create, rename or
/// remove anything in it (EPERM), but for folders where a derived class says so (<see cref="MakeFolder"/>, <see cref="RemoveChild"/>, <see cref="WritableFolder"/>).
/// Fixed children may be added and removed while the mount runs.
/// </summary>
/// <remarks>
/// The kernel caches the listing for all callers and holds it against the folder's mtime. Of a folder of fixed children it is told when that
/// changes; of a volatile one it asks each time, so that a listing shows at once what has come.
/// Lock: the gate of the folder, then those of the tree's tables, which are leaves.
/// </remarks>
public partial class GeneratedFolder : GeneratedNode
{
    private const uint StaticSeconds = 3600;

    private readonly Lock gate = new();
    private readonly Dictionary<byte[], GeneratedNode> made = new(NameComparer.Instance);
    private volatile FolderState state = FolderState.Empty;

    /// <summary>Makes an empty folder.</summary>
    /// <param name="permissions">Permission bits; 0755 by default.</param>
    public GeneratedFolder(uint permissions = 0x1ED) : base(FileMode.Directory | permissions) { }

    /// <summary>
    /// Whether the notify worker may go through a folder that others may not enter, to touch what is below. It is shown the execute bit, finds nothing but fixed children,
    /// and since the kernel keeps one mode for all, who is neither the owner nor root nor the worker gets EACCES from fs. Needs attributes without a time to live.
    /// </summary>
    protected internal virtual bool IsPassage => false;

    /// <summary>Whether <see cref="FindDynamic"/> or <see cref="ListDynamic"/> answer anything; then the kernel asks each time.</summary>
    protected internal virtual bool IsVolatile => false;

    /// <inheritdoc/>
    protected internal override uint AttrSeconds => IsVolatile ? 0 : StaticSeconds;

    /// <inheritdoc/>
    protected internal override uint EntrySeconds => IsDynamic ? 0 : StaticSeconds;

    /// <summary>Adds a generated child.</summary>
    /// <param name="name">1 to 255 bytes of UTF-8 without '/'.</param>
    /// <param name="node">A node that is in no folder yet.</param>
    /// <param name="listed">False hides the name from readdir; lookups still find it.</param>
    /// <exception cref="InvalidOperationException">The name is taken, or the node is already somewhere.</exception>
    public GeneratedFolder Add(string name, GeneratedNode node, bool listed = true)
    {
        if (node.Parent is not null || node.Tree is not null)
        {
            throw new InvalidOperationException($"{name}: the node is already in a folder");
        }
        Insert(ToName(name), new(node, 0, listed));
        return this;
    }

    /// <summary>Mounts a stored folder under a name. A stored folder has one place: a directory inode has one dentry, and a second name
    /// would move it there (fs/dcache.c, d_splice_alias); a view shows an empty folder instead, over which the launcher binds.</summary>
    /// <param name="name">The name here.</param>
    /// <param name="inode">Inode number of the stored folder.</param>
    public GeneratedFolder AddStored(string name, ulong inode)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(inode, Vfs.RootNode);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(inode, Vfs.FirstGeneratedNode);
        Insert(ToName(name), new(null, inode, true));
        return this;
    }

    /// <summary>Takes a child away; open files of it live on. False if there is none.</summary>
    public bool Remove(string name)
    {
        FolderChild child;
        byte[] bytes = ToName(name);
        lock (gate)
        {
            Dictionary<byte[], FolderChild> next = new(state.Fixed, NameComparer.Instance);
            if (!next.Remove(bytes, out child))
            {
                return false;
            }
            state = state.With(next);
        }
        if (child.Node is GeneratedNode node)
        {
            Tree?.Detach(node);
            node.Parent = null;
        }
        else
        {
            Tree?.UnmountTop(child.Stored);
        }
        Tree?.NameChanged(this, bytes);
        return true;
    }

    /// <summary>What must be there before a name is looked up, or null; see <see cref="GeneratedNode.Preparing"/>.</summary>
    protected internal virtual Task? Preparing(ReadOnlySpan<byte> name) => null;

    /// <summary>Whether a name is a fixed child's.</summary>
    protected bool IsFixed(ReadOnlySpan<byte> name) => state.Fixed.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(name);

    /// <summary>Makes the node behind a name that is no fixed child, or null. The node is kept while the kernel knows it.</summary>
    protected virtual GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name) => null;

    /// <summary>
    /// MKDIR of a name that no fixed child has: adds the child and says Ok, or says why not and changes nothing. Mode and owner are the folder's own choice, as with
    /// everything generated.
    /// </summary>
    protected internal virtual Errno MakeFolder(Request request, ReadOnlySpan<byte> name) => Errno.EPERM;

    /// <summary>What CREATE of a name is told that is not there; EPERM, unless only what is there is ever written.</summary>
    protected internal virtual Errno NoNewFile => Errno.EPERM;

    /// <summary>MKNOD of a socket, which is what bind(2) does, under a name that no fixed child has: adds a <see cref="GeneratedSocket"/> and says Ok, or says why not and changes nothing.</summary>
    protected internal virtual Errno MakeSocket(Request request, ReadOnlySpan<byte> name) => Errno.EPERM;

    /// <summary>UNLINK of a file or RMDIR of a folder, whatever is in it: takes the child away and says Ok, or says why not and changes nothing.</summary>
    /// <param name="request">Who removes.</param>
    /// <param name="name">The name.</param>
    /// <param name="child">What it leads to.</param>
    protected internal virtual Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child) => Errno.EPERM;

    /// <summary>Whether a node that <see cref="FindDynamic"/> made earlier still stands for its name.</summary>
    protected virtual bool IsCurrent(GeneratedNode node) => true;

    /// <summary>
    /// Names to list beside the fixed children, with their modes, for all callers. Asked at every stat, every walk through the folder and every listing,
    /// under its gate: it must be quick. A name that is a fixed child's is left out.
    /// </summary>
    protected virtual IEnumerable<(string Name, uint Mode)> ListDynamic() => [];

    /// <summary>The mtime is that of the listing, whoever made the names: the kernel takes listings of one mtime for one.</summary>
    protected internal sealed override NodeShape Measure() => new(0, Now().ChangedAt, 0);

    /// <summary>The fixed children.</summary>
    internal IReadOnlyDictionary<byte[], FolderChild> Children => state.Fixed;

    /// <summary>The names to list now. What <see cref="Measure"/> says afterwards is later, if they are not those that it spoke of before.</summary>
    internal FolderListing Listing() => Now().Listing(this);

    /// <summary>What is in the folder has its numbers now: an earlier listing had none, or those of another place.</summary>
    internal void Numbered()
    {
        lock (gate)
        {
            state = state.With(state.Fixed);
        }
    }

    internal bool TryFind(Request request, ReadOnlySpan<byte> name, out FolderChild child)
    {
        if (state.Fixed.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out child))
        {
            return true;
        }
        if (!IsVolatile)
        {
            return false;
        }
        GeneratedNode? node = FindOrMake(request, name);
        child = new(node, 0, false);
        return node is not null;
    }

    /// <summary>Lets go of a dynamic child that the kernel has forgotten.</summary>
    internal void DropDynamic(GeneratedNode node)
    {
        lock (gate)
        {
            if (made.TryGetValue(node.Name, out GeneratedNode? current) && current == node)
            {
                made.Remove(node.Name);
            }
        }
    }

    private GeneratedNode? FindOrMake(Request request, ReadOnlySpan<byte> name)
    {
        lock (gate)
        {
            Dictionary<byte[], GeneratedNode>.AlternateLookup<ReadOnlySpan<byte>> known = made.GetAlternateLookup<ReadOnlySpan<byte>>();
            if (known.TryGetValue(name, out GeneratedNode? node))
            {
                if (IsCurrent(node))
                {
                    return node;
                }
                known.Remove(name);
            }
            node = FindDynamic(request, name);
            if (node is null)
            {
                return null;
            }
            node.Parent = this;
            node.Name = name.ToArray();
            node.IsDynamic = true;
            known[name] = node;
            Tree?.Attach(node);
            return node;
        }
    }

    private FolderState Now()
    {
        if (!IsVolatile)
        {
            return state;
        }
        lock (gate)
        {
            return state = state.With([.. ListDynamic()], this);
        }
    }

    /// <summary>A child is made reachable before it is listed: until then it has no number.</summary>
    private void Insert(byte[] name, FolderChild child)
    {
        lock (gate)
        {
            Dictionary<byte[], FolderChild> next = new(state.Fixed, NameComparer.Instance);
            if (!next.TryAdd(name, child))
            {
                throw new InvalidOperationException($"{Encoding.UTF8.GetString(name)}: the name is taken");
            }
            if (child.Node is not GeneratedNode node)
            {
                Tree?.MountTop(child.Stored);
            }
            else
            {
                node.Parent = this;
                node.Name = name;
                Tree?.Attach(node);
            }
            state = state.With(next);
        }
        Tree?.NameChanged(this, name);
    }

    internal static byte[] ToName(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        bool isName = bytes.Length is > 0 and <= Vfs.MaxName && !bytes.AsSpan().ContainsAny((byte)'/', (byte)0) && name is not "." and not "..";
        return isName ? bytes : throw new ArgumentException($"'{name}' is not a file name", nameof(name));
    }
}

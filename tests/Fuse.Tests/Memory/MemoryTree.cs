using ClawFS.Linux;
using ClawFS.Vfs;

namespace Fuse.Tests.Memory;

/// <summary>A whole tree in memory behind one lock: enough of POSIX for real programs, and it counts lookups exactly.</summary>
internal partial class MemoryTree : NodeTree
{
    /// <summary>Larger files are EFBIG: one array holds a file.</summary>
    private const ulong MaxSize = 1UL << 30;
    private const uint Seconds = 3600;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, MemoryNode> nodes = [];
    private ulong lastIno = 1;

    public MemoryTree()
    {
        nodes[1] = new MemoryNode(1, ClawFS.Vfs.FileMode.Directory | 0x1ED, 0, 0, null);
    }

    /// <summary>References that the kernel holds, the root's apart.</summary>
    public ulong Lookups
    {
        get
        {
            lock (gate)
            {
                ulong sum = 0;
                foreach (MemoryNode node in nodes.Values)
                {
                    sum += node.Attr.Ino == 1 ? 0 : node.Lookups;
                }

                return sum;
            }
        }
    }

    /// <summary>Opens without a release.</summary>
    public int Opens
    {
        get
        {
            lock (gate)
            {
                return nodes.Values.Sum(n => n.Opens);
            }
        }
    }

    public bool Destroyed { get; private set; }

    public override void Destroy() => Destroyed = true;

    /// <summary>Node ids with their lookup counts, so that a test can balance them.</summary>
    public (ulong Node, ulong Count)[] Counted()
    {
        lock (gate)
        {
            return [.. nodes.Values.Where(n => n.Lookups != 0).Select(n => (n.Attr.Ino, n.Lookups))];
        }
    }

    /// <summary>Changes bytes behind the kernel's back.</summary>
    public void Overwrite(ulong node, ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            data.CopyTo(nodes[node].Data);
        }
    }

    /// <summary>Makes a folder that has no name here, to be mounted elsewhere by its number.</summary>
    public ulong AddTop()
    {
        lock (gate)
        {
            MemoryNode made = new(++lastIno, ClawFS.Vfs.FileMode.Directory | 0x1ED, 0, 0, nodes[1]);
            nodes.Add(made.Attr.Ino, made);
            return made.Attr.Ino;
        }
    }

    /// <summary>Removes a name of the root behind the kernel's back.</summary>
    public void RemoveSilently(ReadOnlySpan<byte> name)
    {
        lock (gate)
        {
            MemoryNode child = nodes[1].Child(name)!;
            nodes[1].Remove(name);
            Unlinked(child);
        }
    }

    private MemoryNode? Folder(ulong node) => nodes.TryGetValue(node, out MemoryNode? n) && n.Attr.IsDirectory ? n : null;

    private MemoryNode? File(ulong node) =>
        nodes.TryGetValue(node, out MemoryNode? n) && ClawFS.Vfs.FileMode.IsRegular(n.Attr.Mode) ? n : null;

    private static Entry Give(MemoryNode node)
    {
        node.Lookups++;
        return new Entry { Node = node.Attr.Ino, Attr = node.Attr, EntrySeconds = Seconds, AttrSeconds = Seconds };
    }

    private MemoryNode New(Request request, MemoryNode? parent, uint mode)
    {
        uint gid = request.Gid;
        if (parent is not null && (parent.Attr.Mode & ClawFS.Vfs.FileMode.SetGid) != 0)
        {
            gid = parent.Attr.Gid;
            mode |= ClawFS.Vfs.FileMode.IsDirectory(mode) ? ClawFS.Vfs.FileMode.SetGid : 0;
        }

        MemoryNode made = new(++lastIno, mode, request.Uid, gid, parent);
        nodes.Add(made.Attr.Ino, made);
        return made;
    }

    private void Unlinked(MemoryNode node)
    {
        node.Attr.Nlink = node.Attr.IsDirectory ? 0 : node.Attr.Nlink - 1;
        node.Attr.Ctime = Timestamp.Now;
        DropIfUnused(node);
    }

    private void DropIfUnused(MemoryNode node)
    {
        if (node.Attr.Nlink == 0 && node.Lookups == 0 && node.Opens <= 0)
        {
            nodes.Remove(node.Attr.Ino);
        }
    }
}

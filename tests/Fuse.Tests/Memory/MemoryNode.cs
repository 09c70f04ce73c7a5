using ClawFS.Vfs;

namespace Fuse.Tests.Memory;

/// <summary>One inode in memory.</summary>
internal sealed class MemoryNode
{
    private readonly List<(ulong Cookie, byte[] Name, MemoryNode Node)> order = [];
    private ulong lastCookie = 2;

    public Attr Attr;
    public ulong Lookups;
    public int Opens;
    public byte[] Data = [];
    public MemoryNode Parent;
    public Dictionary<byte[], byte[]> Xattrs { get; } = new(NameComparer.Instance);
    public Dictionary<byte[], MemoryNode> Children { get; } = new(NameComparer.Instance);

    public MemoryNode(ulong ino, uint mode, uint uid, uint gid, MemoryNode? parent)
    {
        Timestamp now = Timestamp.Now;
        Attr = new Attr
        {
            Ino = ino,
            Mode = mode,
            Uid = uid,
            Gid = gid,
            Nlink = ClawFS.Vfs.FileMode.IsDirectory(mode) ? 2u : 1u,
            Atime = now,
            Mtime = now,
            Ctime = now,
            Btime = now,
        };
        Parent = parent ?? this;
    }

    public MemoryNode? Child(ReadOnlySpan<byte> name) =>
        Children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out MemoryNode? child) ? child : null;

    public void Add(ReadOnlySpan<byte> name, MemoryNode child)
    {
        byte[] copy = name.ToArray();
        Children.Add(copy, child);
        order.Add((++lastCookie, copy, child));
        Changed(child.Attr.IsDirectory ? 1 : 0);
        if (child.Attr.IsDirectory)
        {
            child.Parent = this;
        }
    }

    public void Remove(ReadOnlySpan<byte> name)
    {
        Children.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(name, out _, out MemoryNode? child);
        for (int i = 0; i < order.Count; i++)
        {
            if (name.SequenceEqual(order[i].Name))
            {
                order.RemoveAt(i);
                break;
            }
        }

        Changed(child!.Attr.IsDirectory ? -1 : 0);
    }

    /// <summary>The entries behind a cookie, in the order in which they were made.</summary>
    public IEnumerable<(ulong Cookie, byte[] Name, MemoryNode Node)> After(ulong cookie)
    {
        int low = 0, high = order.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = order[middle].Cookie <= cookie ? (middle + 1, high) : (low, middle);
        }

        for (int i = low; i < order.Count; i++)
        {
            yield return order[i];
        }
    }

    public void Resize(ulong size)
    {
        if (size < Attr.Size)
        {
            Data.AsSpan((int)size, (int)(Attr.Size - size)).Clear();
        }
        else if (size > (ulong)Data.Length)
        {
            Array.Resize(ref Data, (int)Math.Max(size, Math.Min((ulong)Data.Length * 2, (ulong)Array.MaxLength)));
        }

        Attr.Size = size;
        Attr.Blocks = (size + 511) / 512;
        Attr.Mtime = Attr.Ctime = Timestamp.Now;
    }

    private void Changed(int links)
    {
        Attr.Nlink = (uint)(Attr.Nlink + links);
        Attr.Mtime = Attr.Ctime = Timestamp.Now;
    }
}

using ClawFS.Linux;
using ClawFS.Store.Maps;
using ClawFS.Store.Rows;
using ClawFS.Vfs;

namespace ClawFS.Store.Objects;

/// <summary>
/// One file, folder, link or node. Row layout in docs/storage-format.md. The map is the folder's names, or the file's extents; unused for others.
/// </summary>
internal sealed class Inode : StoredObject
{
    public const int SaltSize = 32;
    private const byte Format = 2;

    private readonly IPageSource source;

    public Inode(ulong id, IPageSource source) : base(id)
    {
        this.source = source;
        Map = new PagedMap(source);
    }

    public uint Mode, Nlink, Uid, Gid, Rdev;
    public ulong Size;
    /// <summary>Sealed 4 KiB blocks that hold the content.</summary>
    public ulong StoredBlocks;
    public Timestamp Atime, Mtime, Ctime, Btime;
    /// <summary>Where the node was last seen: its folder and the key of its name there. Exact for folders; a hint for others (hard links).</summary>
    public ulong Parent, NameKey;
    /// <summary>The file key is derived from the store's file master and this; when it goes, the content is unreadable. Empty for all but regular files.</summary>
    public byte[] Salt = [];
    public byte[] Target = [];
    public Dictionary<string, byte[]>? Xattrs;
    public PagedMap Map;
    /// <summary>Handles open for writing: the kernel may hold newer content than the store. In memory only; such an inode is not evicted.</summary>
    public int Writers;
    /// <summary>Thread of the last close(2), for the event of the RELEASE that follows, which the kernel sends in nobody's name. In memory only.</summary>
    public uint ClosedBy;
    /// <summary>Set when the last name and the last reference are gone: the snapshot deletes the rows.</summary>
    public bool Purged;

    public bool IsDirectory => FileMode.IsDirectory(Mode);
    public bool IsRegular => FileMode.IsRegular(Mode);

    public void FillAttr(out Attr attr) => attr = new Attr
    {
        Ino = Id,
        Size = IsDirectory ? (ulong)Math.Max(1, Map.PageCount) * 4096 : Size,
        Blocks = (IsDirectory ? (ulong)Math.Max(1, Map.PageCount) : StoredBlocks) * 8,
        Atime = Atime,
        Mtime = Mtime,
        Ctime = Ctime,
        Btime = Btime,
        Mode = Mode,
        Nlink = Nlink,
        Uid = Uid,
        Gid = Gid,
        Rdev = Rdev,
    };

    public override void Snapshot(RowBatch batch, SpanWriter scratch)
    {
        if (Purged)
        {
            Map.Clear();
        }
        scratch.Reset();
        scratch.Byte(Format);
        scratch.U32(Mode);
        scratch.U32(Nlink);
        scratch.U32(Uid);
        scratch.U32(Gid);
        scratch.U32(Rdev);
        scratch.U64(Size);
        scratch.U64(StoredBlocks);
        scratch.Time(Atime);
        scratch.Time(Mtime);
        scratch.Time(Ctime);
        scratch.Time(Btime);
        scratch.U64(Parent);
        scratch.U64(NameKey);
        scratch.Block(Salt);
        scratch.Block(Target);
        scratch.U16((ushort)(Xattrs?.Count ?? 0));
        if (Xattrs is not null)
        {
            foreach ((string name, byte[] value) in Xattrs)
            {
                scratch.Block(System.Text.Encoding.Latin1.GetBytes(name));
                scratch.Block(value);
            }
        }
        Map.Snapshot(batch, scratch);
        if (Purged)
        {
            batch.Delete(Id);
        }
        else
        {
            batch.Put(Id, RowKind.Inode, scratch.Written);
        }
    }

    /// <summary>Reads a row; <see cref="StoreException"/> EIO if it is malformed.</summary>
    public static Inode Parse(ulong id, ReadOnlySpan<byte> row, IPageSource source)
    {
        var reader = new SpanReader(row);
        if (reader.Byte() != Format)
        {
            throw new StoreException(Errno.EIO, $"inode {id} has an unknown form");
        }
        var inode = new Inode(id, source)
        {
            Mode = reader.U32(),
            Nlink = reader.U32(),
            Uid = reader.U32(),
            Gid = reader.U32(),
            Rdev = reader.U32(),
            Size = reader.U64(),
            StoredBlocks = reader.U64(),
            Atime = reader.Time(),
            Mtime = reader.Time(),
            Ctime = reader.Time(),
            Btime = reader.Time(),
            Parent = reader.U64(),
            NameKey = reader.U64(),
            Salt = reader.Block().ToArray(),
            Target = reader.Block().ToArray(),
        };
        int xattrs = reader.U16();
        if (xattrs > 0)
        {
            inode.Xattrs = new(xattrs, StringComparer.Ordinal);
            for (int i = 0; i < xattrs; i++)
            {
                // Latin-1 maps each byte to one char, so that arbitrary names survive as dictionary keys.
                string name = System.Text.Encoding.Latin1.GetString(reader.Block());
                inode.Xattrs[name] = reader.Block().ToArray();
            }
        }
        inode.Map.Load(ref reader);
        return inode;
    }
}

using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Store;

/// <summary>
/// The files of an open store by path, without a mount: for `claw fs` and for rescue. Paths are those below the mount point ("memory/notes/a.md"), symbolic links are
/// not followed. For one thread at a time, and only while nobody else uses the tree. Every refusal is a <see cref="StoreException"/> whose message begins
/// with the path.
/// </summary>
public sealed partial class StoreBrowser
{
    private const int BufferSize = 1 << 20;
    private const int MaxLink = 4096;

    private readonly StoredTree tree;
    private readonly LocalRequest request;

    /// <summary>Makes a browser.</summary>
    /// <param name="tree">The tree of an open store.</param>
    /// <param name="uid">Owner of what is made.</param>
    /// <param name="gid">Group of what is made.</param>
    public StoreBrowser(StoredTree tree, uint uid, uint gid)
    {
        this.tree = tree;
        request = new LocalRequest(uid, gid);
    }

    /// <summary>What a path names; "" or "/" is the stored root.</summary>
    /// <exception cref="StoreException">ENOENT, ENOTDIR, EINVAL for what can be no path, EIO.</exception>
    public StoreEntry Resolve(string path)
    {
        ulong node = StoredTree.RootFolder;
        string shown = "";
        string last = "";
        foreach (string part in Split(path))
        {
            node = Find(node, part, path);
            last = part;
            shown = shown.Length == 0 ? part : shown + "/" + part;
            if (node == 0)
            {
                throw Refused(Errno.ENOENT, path, "no such file or folder in the store");
            }
        }
        return new StoreEntry(last, shown, AttrOf(node, path));
    }

    /// <summary>Whether a path names something.</summary>
    public bool Exists(string path)
    {
        try
        {
            Resolve(path);
            return true;
        }
        catch (StoreException e) when (e.Error is Errno.ENOENT or Errno.ENOTDIR)
        {
            return false;
        }
    }

    /// <summary>The names in a folder, by text. What cannot be read (damage) is left out and told to <paramref name="damaged"/>; null: thrown.</summary>
    public IReadOnlyList<StoreEntry> List(string path, Action<StoreException>? damaged = null)
    {
        StoreEntry folder = Resolve(path);
        var sink = new NameSink();
        int before;
        do
        {
            before = sink.Names.Count;
            Check(tree.ReadDir(request, folder.Attr.Ino, sink.Cookie, sink), path);
        }
        while (sink.Names.Count > before);
        var entries = new List<StoreEntry>(sink.Names.Count);
        foreach ((byte[] name, ulong node) in sink.Names)
        {
            string text = StoreName.ToText(name);
            string below = folder.Path.Length == 0 ? text : folder.Path + "/" + text;
            try
            {
                entries.Add(new StoreEntry(text, below, AttrOf(node, below)));
            }
            catch (StoreException e) when (damaged is not null)
            {
                damaged(e);
            }
        }
        entries.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return entries;
    }

    /// <summary>Where a symbolic link points.</summary>
    public string ReadLink(string path)
    {
        byte[] target = new byte[MaxLink];
        Check(tree.ReadLink(request, Resolve(path).Attr.Ino, target, out int length), path);
        return StoreName.ToText(target.AsSpan(0, length));
    }

    /// <summary>Copies a file's content to a stream.</summary>
    /// <param name="path">A regular file.</param>
    /// <param name="to">Takes the bytes; holes come as zeros.</param>
    /// <param name="progress">Told the bytes copied so far.</param>
    public void Read(string path, Stream to, IProgress<long>? progress = null)
    {
        StoreEntry file = Resolve(path);
        if (!file.IsFile)
        {
            throw Refused(file.IsFolder ? Errno.EISDIR : Errno.EINVAL, path, file.IsFolder ? "is a folder" : "is no regular file");
        }
        byte[] buffer = new byte[BufferSize];
        for (ulong offset = 0; ;)
        {
            Check(tree.Read(request, file.Attr.Ino, 0, offset, buffer, out int count), path);
            if (count == 0)
            {
                return;
            }
            to.Write(buffer, 0, count);
            offset += (ulong)count;
            progress?.Report((long)offset);
        }
    }

    private ulong Find(ulong folder, string part, string path)
    {
        byte[]? exact = StoreName.ToBytes(part);
        byte[]? unescaped = StoreName.Unescape(part);
        if (exact is null && unescaped is null)
        {
            throw Refused(Errno.EINVAL, path, $"\"{part}\" can be no name");
        }
        ulong node = exact is null ? 0 : Peek(folder, exact, path);
        return node == 0 && unescaped is not null ? Peek(folder, unescaped, path) : node;
    }

    /// <summary>The node behind a name, 0 if there is none; no reference is kept.</summary>
    private ulong Peek(ulong folder, byte[] name, string path)
    {
        Check(tree.Lookup(request, folder, name, out Entry entry), path);
        if (entry.Node != 0)
        {
            tree.Forget(entry.Node, 1);
        }
        return entry.Node;
    }

    private Attr AttrOf(ulong node, string path)
    {
        Check(tree.GetAttr(request, node, 0, out Attr attr, out _), path);
        return attr;
    }

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static void Check(Errno error, string path)
    {
        if (error != Errno.Ok)
        {
            throw Refused(error, path, error switch
            {
                Errno.EISDIR => "is a folder",
                Errno.ENOTDIR => "a part of the path is no folder",
                Errno.EIO => "damaged in the store (EIO); claw fsck tells where",
                Errno.EDQUOT => "the quota of the store is used up",
                Errno.ENOSPC => "the disk of the store is full",
                Errno.EROFS => "the store is open read-only",
                Errno.ENOTEMPTY => "the folder is not empty",
                _ => error.ToString(),
            });
        }
    }

    private static StoreException Refused(Errno error, string path, string reason) => new(error, $"{(path.Length == 0 ? "/" : path)}: {reason}");

    private sealed class NameSink : DirSink
    {
        public List<(byte[] Name, ulong Node)> Names { get; } = [];
        public ulong Cookie { get; private set; }
        public override bool Plus => false;

        public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
        {
            Cookie = nextCookie;
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                Names.Add((name.ToArray(), ino));
            }
            return true;
        }

        public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie) => Add(name, entry.Attr.Ino, entry.Attr.Mode, nextCookie);
    }
}

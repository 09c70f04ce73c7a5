using System.Text;
using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawOS.Cli.Stores;

/// <summary>One name in a stored folder.</summary>
internal sealed record StoredName(string Name, ulong Node, Attr Attr);

/// <summary>Walks a store by path, without a mount: the paths are those below the mount point, like memory/notes/a.md.</summary>
internal sealed class StorePaths(StoredTree tree)
{
    private const int MaxLink = 4096;
    private const int ReadOnly = 0;
    private const int WriteOnly = 1;
    private const int Truncate = 0x200;

    private readonly LocalRequest request = new(ProcessIdentity.Uid, ProcessIdentity.Gid);

    /// <summary>The node of a path and its attributes.</summary>
    /// <exception cref="CliException">There is no such file.</exception>
    internal (ulong Node, Attr Attr) Find(string path)
    {
        ulong node = StoredTree.RootFolder;
        foreach (string name in Split(path))
        {
            Errno error = tree.Lookup(request, node, Encoding.UTF8.GetBytes(name), out Entry entry);
            if (error == Errno.ENOENT || (error == Errno.Ok && entry.Node == 0))
            {
                throw new CliException(ExitCodes.NotFound, $"{path}: no such file in the store");
            }

            Check(error, path);
            node = entry.Node;
        }

        Check(tree.GetAttr(request, node, 0, out Attr attr, out _), path);
        return (node, attr);
    }

    /// <summary>The names in a folder, "." and ".." left out.</summary>
    internal IReadOnlyList<StoredName> List(ulong folder, string path)
    {
        NameSink sink = new();
        Check(tree.OpenDir(request, folder, 0, out OpenReply reply), path);
        int before;
        do
        {
            before = sink.Names.Count;
            Check(tree.ReadDir(request, folder, reply.Handle, sink.Cookie, sink), path);
        }
        while (sink.Names.Count > before);
        tree.ReleaseDir(request, folder, reply.Handle);
        return
        [
            .. sink.Names.Where(name => name is not ("." or ".."))
                .Order(StringComparer.Ordinal)
                .Select(name => Find(path.TrimEnd('/') + "/" + name) is var (node, attr) ? new StoredName(name, node, attr) : null!),
        ];
    }

    /// <summary>Where a symbolic link points.</summary>
    internal string ReadLink(ulong node, string path)
    {
        byte[] target = new byte[MaxLink];
        Check(tree.ReadLink(request, node, target, out int length), path);
        return Encoding.UTF8.GetString(target, 0, length);
    }

    /// <summary>Copies a file's content out.</summary>
    internal void Read(ulong node, string path, Stream output)
    {
        byte[] buffer = new byte[1 << 20];
        Check(tree.Open(request, node, ReadOnly, killSuidGid: false, out OpenReply reply), path);
        ulong offset = 0;
        while (true)
        {
            Check(tree.Read(request, node, reply.Handle, offset, buffer, out int count), path);
            if (count == 0)
            {
                break;
            }

            output.Write(buffer, 0, count);
            offset += (ulong)count;
        }

        tree.Release(request, node, reply.Handle, ReadOnly);
    }

    /// <summary>Writes a file, replacing one of that name; missing folders are made.</summary>
    internal void Write(string path, Stream input)
    {
        string[] names = Split(path);
        if (names.Length == 0)
        {
            throw new CliException(ExitCodes.Usage, $"{path}: name a file in the store, like memory/a.md");
        }

        ulong folder = StoredTree.RootFolder;
        foreach (string name in names[..^1])
        {
            folder = Enter(folder, name, path);
        }

        (ulong node, ulong handle) = OpenForWriting(folder, names[^1], path);
        byte[] buffer = new byte[1 << 20];
        ulong offset = 0;
        while (input.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) is var length and > 0)
        {
            for (int done = 0; done < length;)
            {
                Check(tree.Write(request, node, handle, offset, buffer.AsSpan(done, length - done), fromCache: false, killSuidGid: false, out int count), path);
                done += count;
                offset += (ulong)count;
            }
        }

        Check(request.Wait(tree.Fsync(request, node, handle, dataOnly: false)), path);
        tree.Release(request, node, handle, WriteOnly);
    }

    private ulong Enter(ulong folder, string name, string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        Errno error = tree.Lookup(request, folder, bytes, out Entry entry);
        if (error == Errno.ENOENT || (error == Errno.Ok && entry.Node == 0))
        {
            const uint OwnerOnly = 0x1C0;
            error = tree.MkDir(request, folder, bytes, OwnerOnly, out entry);
        }

        Check(error, path);
        return entry.Node;
    }

    private (ulong Node, ulong Handle) OpenForWriting(ulong folder, string name, string path)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        Errno error = tree.Lookup(request, folder, bytes, out Entry entry);
        OpenReply reply;
        if (error == Errno.ENOENT || (error == Errno.Ok && entry.Node == 0))
        {
            const uint OwnerReadWrite = 0x8180;
            Check(tree.Create(request, folder, bytes, OwnerReadWrite, WriteOnly, out entry, out reply), path);
        }
        else
        {
            Check(error, path);
            Check(tree.Open(request, entry.Node, WriteOnly | Truncate, killSuidGid: false, out reply), path);
        }

        return (entry.Node, reply.Handle);
    }

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static void Check(Errno error, string path)
    {
        if (error != Errno.Ok)
        {
            throw new LinuxException(error, path);
        }
    }

    private sealed class NameSink : DirSink
    {
        internal List<string> Names { get; } = [];

        internal ulong Cookie { get; private set; }

        public override bool Plus => false;

        public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
        {
            Names.Add(Encoding.UTF8.GetString(name));
            Cookie = nextCookie;
            return true;
        }

        public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie) => Add(name, entry.Attr.Ino, entry.Attr.Mode, nextCookie);
    }
}

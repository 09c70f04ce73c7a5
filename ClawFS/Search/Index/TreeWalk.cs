using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Index;

/// <summary>Goes through a stored folder and everything below it, folder by folder, in the process and without keeping a reference.</summary>
internal sealed class TreeWalk(StoredTree tree, CancellationToken stop)
{
    private readonly LocalRequest request = new(0, 0);

    /// <summary>Told of each folder: its inode, the folder it lies in, its name.</summary>
    public required Action<ulong, ulong, byte[]> Folder { get; init; }

    /// <summary>Told of each regular file that is to be indexed.</summary>
    public required Action<ulong> File { get; init; }

    /// <summary>Walks. What is damaged or removed meanwhile is passed over.</summary>
    public void Run(ulong top)
    {
        Stack<ulong> open = new([top]);
        while (open.TryPop(out ulong folder))
        {
            stop.ThrowIfCancellationRequested();
            foreach ((byte[] name, ulong node, uint mode) in List(folder))
            {
                if (FileMode.IsDirectory(mode) && IndexedNames.AdmitsFolder(name))
                {
                    Folder(node, folder, name);
                    open.Push(node);
                }
                else if (FileMode.IsRegular(mode) && IndexedNames.AdmitsFile(name))
                {
                    File(node);
                }
            }
        }
    }

    private List<(byte[] Name, ulong Node, uint Mode)> List(ulong folder)
    {
        Names names = new();
        int before;
        do
        {
            before = names.Found.Count;
        }
        while (tree.ReadDir(request, folder, names.Cookie, names) == Errno.Ok && names.Found.Count > before);
        return names.Found;
    }

    private sealed class Names : DirSink
    {
        public List<(byte[] Name, ulong Node, uint Mode)> Found { get; } = [];
        public ulong Cookie { get; private set; }
        public override bool Plus => false;

        public override bool Add(ReadOnlySpan<byte> name, ulong ino, uint mode, ulong nextCookie)
        {
            Cookie = nextCookie;
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                Found.Add((name.ToArray(), ino, mode));
            }
            return true;
        }

        public override bool AddPlus(ReadOnlySpan<byte> name, in Entry entry, ulong nextCookie) => Add(name, entry.Attr.Ino, entry.Attr.Mode, nextCookie);
    }
}

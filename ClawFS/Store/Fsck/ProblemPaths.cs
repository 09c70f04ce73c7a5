using ClawFS.Store.Objects;

namespace ClawFS.Store.Checks;

/// <summary>Finds the path of what a problem is about, by the names that the scan saw, so that damaged inodes have one, too.</summary>
internal sealed class ProblemPaths(ClawStore store, Scan scan)
{
    private readonly Dictionary<ulong, ScanEdge> names = [];

    public IReadOnlyList<FsckProblem> AddTo(IReadOnlyList<FsckProblem> problems)
    {
        if (problems.Count == 0)
        {
            return problems;
        }
        foreach (ScanEdge edge in scan.Edges)
        {
            names.TryAdd(edge.Child, edge);
        }
        return [.. problems.Select(p => IsAboutInode(p.Code) ? p with { Path = Find(p.Object) } : p)];
    }

    private static bool IsAboutInode(FsckCode code) => code is FsckCode.InodeDamaged or FsckCode.PageDamaged or FsckCode.EntryDangling or FsckCode.EntryType
        or FsckCode.EntryMisplaced or FsckCode.FolderNamedTwice or FsckCode.FolderParent or FsckCode.LinkCount or FsckCode.BlockCount
        or FsckCode.ExtentMalformed or FsckCode.ExtentOutside or FsckCode.ExtentShared or FsckCode.BlockDamaged;

    private string? Find(ulong inode)
    {
        var parts = new Stack<string>();
        while (inode != StoreHead.RootFolder)
        {
            if (parts.Count > 4096 || !names.TryGetValue(inode, out ScanEdge edge) || NameOf(edge) is not { } name)
            {
                return null;
            }
            parts.Push(name);
            inode = edge.Folder;
        }
        return string.Join('/', parts);
    }

    private string? NameOf(in ScanEdge edge)
    {
        try
        {
            using InodeLease folder = store.State.Cache.Pin(edge.Folder);
            lock (folder.Inode)
            {
                return FolderNames.TryNext(folder.Inode, edge.Key, out DirectoryEntry entry) && entry.Key == edge.Key && entry.Inode == edge.Child
                    ? StoreName.ToText(entry.Name)
                    : null;
            }
        }
        catch (StoreException)
        {
            // The folder is damaged or gone; the problem is reported without a path.
            return null;
        }
    }
}

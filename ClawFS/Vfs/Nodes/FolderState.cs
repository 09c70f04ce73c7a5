using System.Text;

namespace ClawFS.Vfs;

/// <summary>What is in a generated folder at one moment. Never changes: the folder replaces it as a whole, so that who reads takes no lock.</summary>
/// <param name="Fixed">The fixed children by name.</param>
/// <param name="Dynamic">The names beside them when they were last asked for, with their modes.</param>
/// <param name="ChangedAt">The folder's mtime: later than that of every state which listed anything else, for the kernel caches the listing by it.</param>
internal sealed record FolderState(Dictionary<byte[], FolderChild> Fixed, (string Name, uint Mode)[] Dynamic, Timestamp ChangedAt)
{
    private volatile FolderListing? listing;

    /// <summary>A folder without children.</summary>
    public static FolderState Empty => new(new(NameComparer.Instance), [], Timestamp.Now);

    /// <summary>The state once the fixed children are these.</summary>
    public FolderState With(Dictionary<byte[], FolderChild> children) => new(children, Dynamic, Timestamp.NowAfter(ChangedAt));

    /// <summary>The state once the dynamic names are these; the same names in another order are no change.</summary>
    public FolderState With((string Name, uint Mode)[] names, GeneratedFolder folder)
    {
        if (names.AsSpan().SequenceEqual(Dynamic))
        {
            return this;
        }
        FolderState next = new(Fixed, names, Timestamp.NowAfter(ChangedAt));
        return next.Listing(folder).Shows(Listing(folder)) ? next with { ChangedAt = ChangedAt } : next;
    }

    /// <summary>The names to list; made when they are first wanted, because numbers are known only while the folder is reachable.</summary>
    public FolderListing Listing(GeneratedFolder folder) => listing ??= FolderListing.Of(Names(folder));

    private IEnumerable<(byte[] Name, ulong Ino, uint Mode)> Names(GeneratedFolder folder)
    {
        HashSet<byte[]> seen = new(Fixed.Keys, NameComparer.Instance);
        foreach ((byte[] name, FolderChild child) in Fixed)
        {
            if (child.IsListed)
            {
                yield return (name, child.Ino, child.Mode);
            }
        }
        foreach ((string name, uint mode) in Dynamic)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            if (seen.Add(bytes))
            {
                yield return (bytes, NodeIds.IdOf(GeneratedTree.PathOf(folder, bytes)), mode);
            }
        }
    }
}

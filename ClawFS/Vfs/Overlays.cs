using System.Collections.Frozen;

namespace ClawFS.Vfs;

/// <summary>
/// Generated children of stored folders, by inode of the folder. Read without a lock, replaced as a whole by each change. A removed
/// stored folder leaves its entry behind (inode numbers do not come back); who added the children also takes them away.
/// </summary>
internal sealed class Overlays
{
    private readonly Lock gate = new();
    // Null while there is none, so that a mount without overlays pays one test.
    private volatile FrozenDictionary<ulong, Dictionary<byte[], GeneratedNode>>? byFolder;

    /// <summary>The generated children of a stored folder, or null if it has none. Not to be changed.</summary>
    public Dictionary<byte[], GeneratedNode>? Of(ulong storedFolder) => byFolder?.GetValueOrDefault(storedFolder);

    /// <summary>The generated child behind a name, or null.</summary>
    public GeneratedNode? Find(ulong storedFolder, ReadOnlySpan<byte> name) =>
        Of(storedFolder) is { } children && children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out GeneratedNode? node) ? node : null;

    /// <summary>Adds a child; false if the name is taken.</summary>
    public bool TryAdd(ulong storedFolder, byte[] name, GeneratedNode node)
    {
        lock (gate)
        {
            Dictionary<byte[], GeneratedNode> children = Copy(storedFolder);
            bool added = children.TryAdd(name, node);
            if (added)
            {
                Replace(storedFolder, children);
            }
            return added;
        }
    }

    /// <summary>Takes a child away and returns it, or null.</summary>
    public GeneratedNode? Remove(ulong storedFolder, byte[] name)
    {
        lock (gate)
        {
            Dictionary<byte[], GeneratedNode> children = Copy(storedFolder);
            if (children.Remove(name, out GeneratedNode? node))
            {
                Replace(storedFolder, children);
            }
            return node;
        }
    }

    private Dictionary<byte[], GeneratedNode> Copy(ulong storedFolder) =>
        Of(storedFolder) is { } known ? new(known, NameComparer.Instance) : new(NameComparer.Instance);

    private void Replace(ulong storedFolder, Dictionary<byte[], GeneratedNode> children)
    {
        Dictionary<ulong, Dictionary<byte[], GeneratedNode>> next = byFolder is null ? [] : new(byFolder);
        if (children.Count == 0)
        {
            next.Remove(storedFolder);
        }
        else
        {
            next[storedFolder] = children;
        }
        byFolder = next.Count == 0 ? null : next.ToFrozenDictionary();
    }
}

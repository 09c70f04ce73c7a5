using System.Collections.Frozen;

namespace ClawFS.Vfs;

/// <summary>
/// Generated children of stored folders, by inode of the folder. Read without a lock, replaced as a whole by each change. A folder that had a child keeps its entry,
/// so that what is shown of it stays later than what was; who added the children also takes them away.
/// </summary>
internal sealed class Overlays
{
    private readonly Lock gate = new();
    // Null while there is none, so that a mount without overlays pays one test.
    private volatile FrozenDictionary<ulong, Overlay>? byFolder;

    /// <summary>Whether a stored folder has, or had, a generated child.</summary>
    public bool Any => byFolder is not null;

    /// <summary>What is laid over a stored folder, or null.</summary>
    public Overlay? Of(ulong storedFolder) => byFolder?.GetValueOrDefault(storedFolder);

    /// <summary>The generated child behind a name, or null.</summary>
    public GeneratedNode? Find(ulong storedFolder, ReadOnlySpan<byte> name) =>
        Of(storedFolder) is { } overlay && overlay.Children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out GeneratedNode? node) ? node : null;

    /// <summary>Puts in the time that a stored folder shows.</summary>
    public void Show(ref Attr attr)
    {
        if (Of(attr.Ino) is { } overlay)
        {
            attr.Mtime = overlay.Shown(attr.Mtime);
        }
    }

    /// <summary>The stored folders that have, or had, a generated child.</summary>
    public IEnumerable<ulong> Folders => byFolder is { } known ? known.Keys : [];

    /// <summary>Adds a child; false if the name is taken.</summary>
    public bool TryAdd(ulong storedFolder, byte[] name, GeneratedNode node)
    {
        lock (gate)
        {
            Overlay before = Of(storedFolder) ?? new();
            Dictionary<byte[], GeneratedNode> children = new(before.Children, NameComparer.Instance);
            bool added = children.TryAdd(name, node);
            if (added)
            {
                Replace(storedFolder, before.With(children));
            }
            return added;
        }
    }

    /// <summary>Takes a child away and returns it, or null.</summary>
    public GeneratedNode? Remove(ulong storedFolder, byte[] name)
    {
        lock (gate)
        {
            if (Of(storedFolder) is not { } before)
            {
                return null;
            }
            Dictionary<byte[], GeneratedNode> children = new(before.Children, NameComparer.Instance);
            if (children.Remove(name, out GeneratedNode? node))
            {
                Replace(storedFolder, before.With(children));
            }
            return node;
        }
    }

    private void Replace(ulong storedFolder, Overlay overlay)
    {
        Dictionary<ulong, Overlay> next = byFolder is null ? [] : new(byFolder);
        next[storedFolder] = overlay;
        byFolder = next.ToFrozenDictionary();
    }
}

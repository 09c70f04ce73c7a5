namespace ClawFS.Store;

/// <summary>A small hidden file of the store that is replaced as a whole: after a kill it is the old one or the new one.</summary>
public static class ReplacedFile
{
    /// <summary>The content; null when there is no such file.</summary>
    /// <param name="tree">The store.</param>
    /// <param name="name">Name of the file.</param>
    /// <param name="maxBytes">What lies behind is left unread.</param>
    /// <exception cref="StoreException">The store is damaged or closed.</exception>
    public static byte[]? Load(StoredTree tree, string name, int maxBytes)
    {
        if (!HiddenFile.Exists(tree, name))
        {
            return null;
        }
        HiddenFile file = new(tree, name);
        byte[] content = new byte[Math.Min(file.Length, maxBytes)];
        int length = 0;
        for (int read = -1; read != 0 && length < content.Length; length += read)
        {
            read = file.Read(length, content.AsSpan(length));
        }
        return content[..length];
    }

    /// <summary>Puts a content in the place of what is there. One caller at a time for a name.</summary>
    /// <exception cref="StoreException">The store is full or read-only.</exception>
    public static void Save(StoredTree tree, string name, ReadOnlySpan<byte> content)
    {
        HiddenFile file = new(tree, name + ".new");
        file.Truncate(0);
        file.Append(content);
        file.Rotate(name);
    }
}

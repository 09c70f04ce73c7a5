using System.Text;
using ClawFS.Store;

namespace ClawFS.Search;

/// <summary>The settings of the index in the store: a hidden file of text that is replaced as a whole.</summary>
internal static class StoredSettings
{
    private const string FileName = "index.params";

    /// <summary>What was set last, or the defaults.</summary>
    /// <exception cref="StoreException">The store is damaged or closed.</exception>
    public static IndexSettings Load(StoredTree tree)
    {
        if (!HiddenFile.Exists(tree, FileName))
        {
            return new IndexSettings();
        }
        HiddenFile file = new(tree, FileName);
        byte[] text = new byte[Math.Min(file.Length, 64 * 1024)];
        int length = file.Read(0, text);
        // A later version may have written names that this one does not know; then the defaults serve.
        return IndexSettings.TryParse(Encoding.UTF8.GetString(text, 0, length), out IndexSettings settings) is null ? settings : new IndexSettings();
    }

    /// <summary>Keeps settings.</summary>
    /// <exception cref="StoreException">The store is full or read-only.</exception>
    public static void Save(StoredTree tree, IndexSettings settings)
    {
        HiddenFile file = new(tree, FileName + ".new");
        file.Truncate(0);
        file.Append(Encoding.UTF8.GetBytes(settings.ToString()));
        file.Rotate(FileName);
    }
}

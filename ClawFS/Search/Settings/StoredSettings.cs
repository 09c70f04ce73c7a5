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
        if (ReplacedFile.Load(tree, FileName, 64 * 1024) is not { } text)
        {
            return new IndexSettings();
        }
        // A later version may have written names that this one does not know; then the defaults serve.
        return IndexSettings.TryParse(Encoding.UTF8.GetString(text), out IndexSettings settings) is null ? settings : new IndexSettings();
    }

    /// <summary>Keeps settings.</summary>
    /// <exception cref="StoreException">The store is full or read-only.</exception>
    public static void Save(StoredTree tree, IndexSettings settings) => ReplacedFile.Save(tree, FileName, Encoding.UTF8.GetBytes(settings.ToString()));
}

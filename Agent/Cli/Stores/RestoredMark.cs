using ClawFS.Linux;

namespace ClawOS.Cli.Stores;

/// <summary>A file in a restored store that says when its backup was made; it goes when the owner accepts the store as it is.</summary>
internal static class RestoredMark
{
    internal const string FileName = "claw.restored";

    private const int Longest = 64;

    /// <summary>When the backup was made; null for a store that was not restored, or was accepted.</summary>
    internal static string? Read(Folder store)
    {
        if (!store.Exists(FileName))
        {
            return null;
        }

        using StorageFile file = store.Open(FileName, StorageMode.Read);
        Span<byte> text = stackalloc byte[Longest];
        return System.Text.Encoding.ASCII.GetString(text[..file.Read(text, 0)]).Trim();
    }

    /// <summary>The owner knows.</summary>
    internal static void Accept(Folder store) => store.Delete(FileName);
}

using System.Globalization;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/fs/`: the store's numbers, one a file: used, quota, objects, and cache as "name value" lines.</summary>
internal static class FsFolder
{
    public const string FileName = "fs";

    public static GeneratedFolder Build(FsFacts facts, ErrorLog errors) => new GeneratedFolder()
        .Add("used", Number(facts, static store => $"{store.UsedBytes}\n"))
        .Add(QuotaFile.FileName, new QuotaFile(facts, errors))
        .Add("objects", Number(facts, static store => $"{store.Inodes}\n"))
        .Add("cache", Number(facts, static store => string.Create(CultureInfo.InvariantCulture,
            $"inodes {store.CachedInodes}\nknown_to_kernel {store.KnownNodes}\ndirty {store.DirtyObjects}\njournal_bytes {store.JournalBytes}\n")));

    /// <summary>A file that says "locked" while there is no key to count with.</summary>
    private static GeneratedFile Number(FsFacts facts, Func<StoreStatistics, string> render) =>
        GeneratedFile.OfText(() => facts.Store is StoreStatistics store ? render(store) : "locked\n");
}

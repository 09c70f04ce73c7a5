using System.Globalization;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>`sys/fs/`: the store's numbers, one a file: used, quota, objects; cache and scrub as "name value" lines.</summary>
internal static class FsFolder
{
    public const string FileName = "fs";

    public static GeneratedFolder Build(FsFacts facts, ErrorLog errors) => new GeneratedFolder()
        .Add("used", Number(facts, static store => $"{store.UsedBytes}\n"))
        .Add(QuotaFile.FileName, new QuotaFile(facts, errors))
        .Add("objects", Number(facts, static store => $"{store.Inodes}\n"))
        .Add("cache", Number(facts, static store => string.Create(CultureInfo.InvariantCulture,
            $"inodes {store.CachedInodes}\nknown_to_kernel {store.KnownNodes}\ndirty {store.DirtyObjects}\njournal_bytes {store.JournalBytes}\n")))
        .Add("scrub", Number(facts, static store => Text(store.Scrub)));

    /// <summary>Where the background check stands, as "name value" lines.</summary>
    private static string Text(in ScrubStatus scrub) => string.Create(CultureInfo.InvariantCulture,
        $"state {scrub.State.ToString().ToLowerInvariant()}\nbegun {Text(scrub.Begun)}\nended {Text(scrub.Ended)}\nrows {scrub.Rows}\nblocks {scrub.Blocks}\nproblems {scrub.Problems}\n");

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "never";

    /// <summary>A file that says "locked" while there is no key to count with.</summary>
    private static GeneratedFile Number(FsFacts facts, Func<StoreStatistics, string> render) =>
        GeneratedFile.OfText(() => facts.Store is StoreStatistics store ? render(store) : "locked\n");
}

using ClawFS.Linux;
using ClawFS.Store;

namespace ClawOS.Cli.Stores;

/// <summary>Copies files of this machine into a closed store.</summary>
internal static class StoreUpload
{
    /// <summary>The only top that takes files without a mount; the others belong to services.</summary>
    private const string Top = "memory";

    private const uint OwnerOnly = 0x1C0;

    private const string NoFile = "it is a pipe, socket or device";

    /// <summary>Copies a file or a folder.</summary>
    /// <param name="store">The open store.</param>
    /// <param name="source">On this machine; a link here is followed, links below it are kept as links.</param>
    /// <param name="path">Its path in the store.</param>
    /// <param name="skipped">Told one line for each name that was left out.</param>
    /// <exception cref="CliException">The path is not below memory/.</exception>
    internal static void Run(ClawStore store, string source, string path, Action<string> skipped)
    {
        if (path.Trim('/').Split('/')[0] != Top)
        {
            throw new CliException(ExitCodes.Usage, $"{path}: files go below {Top}/, like {Top}/{Path.GetFileName(source)}");
        }

        store.Tree.EnsureTop(Top, OwnerOnly, ProcessIdentity.Uid, ProcessIdentity.Gid);
        try
        {
            Copy(new StoreBrowser(store.Tree, ProcessIdentity.Uid, ProcessIdentity.Gid), source, path, skipped);
        }
        catch (LinuxException error) when (error.Error == Errno.EINVAL)
        {
            throw new CliException(ExitCodes.Failed, $"{source}: {NoFile}");
        }
    }

    private static void Copy(StoreBrowser browser, string source, string path, Action<string> skipped)
    {
        if (!Directory.Exists(source))
        {
            using FileStream input = new(RegularFile.OpenRead(source), FileAccess.Read);
            browser.Write(path, input);
            return;
        }

        browser.MakeFolders(path);
        foreach (string child in Directory.EnumerateFileSystemEntries(source).Order(StringComparer.Ordinal))
        {
            string below = path.TrimEnd('/') + "/" + Path.GetFileName(child);
            if (new FileInfo(child).LinkTarget is { } target)
            {
                browser.WriteLink(below, target);
            }
            else if (Path.Exists(child))
            {
                CopyChild(browser, child, below, skipped);
            }
            else
            {
                // .NET gives such a name with U+FFFD in it, and no file has that name.
                skipped($"{child}: its name is no UTF-8, it is left out; copy it into a mount");
            }
        }
    }

    private static void CopyChild(StoreBrowser browser, string child, string below, Action<string> skipped)
    {
        try
        {
            Copy(browser, child, below, skipped);
        }
        catch (LinuxException error) when (error.Error == Errno.EINVAL)
        {
            skipped($"{child}: {NoFile}, it is left out; copy it into a mount");
        }
    }
}

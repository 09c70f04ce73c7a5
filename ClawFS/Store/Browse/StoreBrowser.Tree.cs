using ClawFS.Linux;

namespace ClawFS.Store;

public sealed partial class StoreBrowser
{
    /// <summary>
    /// Copies a file, link or folder with all that is below it to this machine; owners, modes and times stay behind, pipes, sockets and devices are left out.
    /// </summary>
    /// <param name="path">In the store.</param>
    /// <param name="target">A path that does not exist yet.</param>
    /// <param name="skipped">Told one line for each name that was left out, or that could not be read.</param>
    /// <param name="progress">Told the path that is copied now.</param>
    /// <exception cref="StoreException">ENOENT, EEXIST.</exception>
    /// <exception cref="IOException">This machine's disk.</exception>
    public void ReadTree(string path, string target, Action<string> skipped, IProgress<string>? progress = null)
    {
        StoreEntry entry = Resolve(path);
        if (Path.Exists(target) || new FileInfo(target).LinkTarget is not null)
        {
            throw Refused(Errno.EEXIST, target, "exists already; name a new one");
        }
        CopyOut(entry, target, skipped, progress);
    }

    private void CopyOut(StoreEntry entry, string target, Action<string> skipped, IProgress<string>? progress)
    {
        progress?.Report(entry.Path);
        try
        {
            if (entry.IsFolder)
            {
                System.IO.Directory.CreateDirectory(target);
                foreach (StoreEntry child in List(entry.Path, e => skipped(e.Message)))
                {
                    CopyOut(child, Path.Combine(target, child.Name), skipped, progress);
                }
            }
            else if (entry.IsLink)
            {
                File.CreateSymbolicLink(target, ReadLink(entry.Path));
            }
            else if (entry.IsFile)
            {
                // CreateNew: never through something that appeared there meanwhile.
                using var output = new FileStream(target, System.IO.FileMode.CreateNew, FileAccess.Write);
                Read(entry.Path, output);
            }
            else
            {
                skipped($"{entry.Path}: is a pipe, socket or device and is left out");
            }
        }
        catch (StoreException e) when (e.Error == Errno.EIO)
        {
            // Rescue goes on with what can be read; a file that ends early is named.
            skipped(e.Message);
        }
    }
}

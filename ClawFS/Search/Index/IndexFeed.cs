using ClawFS.Linux;
using ClawFS.Store;
using ClawFS.Vfs;

namespace ClawFS.Search.Index;

/// <summary>
/// Keeps an index equal to the files: looks at what has changed, a batch at a time, and writes what it finds into the log before it shows it. Only the index's own
/// thread calls it.
/// </summary>
internal sealed class IndexFeed
{
    /// <summary>A batch ends at so many files, bytes or milliseconds: what is in it is visible when it ends.</summary>
    private const int BatchFiles = 256, BatchBytes = 8 << 20, BatchMilliseconds = 150;

    private const int FilesBetweenPauses = 64;

    private static ReadOnlySpan<byte> Top => "memory"u8;

    private readonly StoredTree tree;
    private readonly IndexState state;
    private readonly ChangeQueue queue;
    private readonly LogWriter? log;
    private readonly FileScan scan;
    private readonly Func<IndexSettings> settings;

    /// <summary>Makes a feed.</summary>
    /// <param name="tree">The store.</param>
    /// <param name="state">What it keeps up.</param>
    /// <param name="queue">What has changed.</param>
    /// <param name="log">Where it writes; null on a read-only store.</param>
    /// <param name="settings">Asked for each file.</param>
    public IndexFeed(StoredTree tree, IndexState state, ChangeQueue queue, LogWriter? log, Func<IndexSettings> settings)
    {
        this.tree = tree;
        this.state = state;
        this.queue = queue;
        this.log = log;
        this.settings = settings;
        scan = new FileScan(tree, state.Terms);
    }

    /// <summary>Looks at the files that are due.</summary>
    /// <param name="wait">Milliseconds until the next is; -1: none waits.</param>
    /// <returns>Whether the index is another one now.</returns>
    public bool Step(out long wait)
    {
        long begin = Environment.TickCount64;
        int files = 0;
        long bytes = 0;
        bool changed = false;
        while (queue.TryTake(Environment.TickCount64, out ulong inode, out wait))
        {
            changed |= Look(inode, ref bytes);
            if (++files == BatchFiles || bytes >= BatchBytes || Environment.TickCount64 - begin >= BatchMilliseconds)
            {
                wait = 0;
                break;
            }
        }
        if (changed)
        {
            log?.Flush(state);
            state.Publish();
        }
        return changed;
    }

    /// <summary>Compares a folder and all below with the index, and queues what differs. The whole of memory/ also tells what is gone.</summary>
    public void Walk(ulong folder, bool isTop, FolderMap folders, Courtesy courtesy, CancellationToken stop)
    {
        HashSet<ulong> seen = [];
        LocalRequest request = new(0, 0);
        TreeWalk walk = new(tree, stop)
        {
            Folder = folders.Set,
            File = inode =>
            {
                if (seen.Count % FilesBetweenPauses == 0)
                {
                    courtesy.Wait();
                }
                seen.Add(inode);
                bool isKnown = state.Find(inode) is { } known && tree.GetAttr(request, inode, 0, out Attr attr, out _) == Errno.Ok && attr.Ctime == known.Ctime && attr.Size == known.Size;
                if (!isKnown)
                {
                    queue.Add(inode, Environment.TickCount64);
                }
            },
        };
        walk.Run(folder);
        foreach (IndexedFile file in state.Files)
        {
            // What was moved out of sight lies below the folder as well, and is looked at to be told so.
            if (!isTop || !seen.Contains(file.Inode))
            {
                queue.Add(file.Inode, Environment.TickCount64);
            }
        }
    }

    private bool Look(ulong inode, ref long bytes)
    {
        IndexedFile? known = state.Find(inode);
        IndexedFile? found = scan.Stat(inode, Top);
        if (found is null)
        {
            log?.Removed(known);
            return state.Remove(inode);
        }
        if (known == (found with { Sha256 = known?.Sha256 ?? [], Kind = known?.Kind ?? 0, Skipped = known?.Skipped, FirstChunk = known?.FirstChunk ?? 0, ChunkCount = known?.ChunkCount ?? 0 }))
        {
            return false;
        }
        bytes += (long)found.Size;
        found = scan.Read(found, known, settings().MaxFileBytes);
        if (found.Skipped is null && known is { Skipped: null } && known.Name == found.Name && known.Sha256.AsSpan().SequenceEqual(found.Sha256))
        {
            log?.Restated(found);
            state.Restate(found);
            return true;
        }
        log?.Put(found, scan.Chunks, scan.ChunkTerms);
        state.Put(found, scan.Chunks, scan.ChunkTerms);
        return true;
    }
}

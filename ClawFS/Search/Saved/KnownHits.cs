namespace ClawFS.Search.Saved;

/// <summary>
/// Which files a standing query has found, so that each is told once: again only when it had left the answer and comes back with another content. What is known survives a
/// restart, so that what came while nobody looked is told, too. Guarded by the query's gate.
/// </summary>
internal sealed class KnownHits
{
    /// <summary>Files that are remembered beside those in the answer.</summary>
    public const int MaxFormer = 1024;

    private readonly Dictionary<ulong, ulong> present = [];
    private readonly Dictionary<ulong, ulong> former = [];

    /// <summary>Inode and content of the files in the last answer.</summary>
    public IReadOnlyDictionary<ulong, ulong> Present => present;

    /// <summary>Inode and content of files that were in an earlier one.</summary>
    public IReadOnlyDictionary<ulong, ulong> Former => former;

    /// <summary>What a content is known by: the first 64 bits of its SHA-256.</summary>
    public static ulong MarkOf(SearchHit hit) => Convert.ToUInt64(hit.Sha256[..16], 16);

    /// <summary>Takes what was kept in the store.</summary>
    public void Restore(ulong inode, ulong mark, bool isPresent) => (isPresent ? present : former)[inode] = mark;

    /// <summary>Takes the next answer.</summary>
    /// <returns>The hits that are new in it, and whether anything that is kept is different now.</returns>
    public (IReadOnlyList<SearchHit> Fresh, bool Changed) Take(IReadOnlyList<SearchHit> hits)
    {
        List<SearchHit> fresh = [];
        Dictionary<ulong, ulong> next = [];
        foreach (SearchHit hit in hits)
        {
            ulong mark = MarkOf(hit);
            bool isTold = present.ContainsKey(hit.Inode) || (former.TryGetValue(hit.Inode, out ulong old) && old == mark);
            if (next.TryAdd(hit.Inode, mark) && !isTold)
            {
                fresh.Add(hit);
            }
        }
        bool changed = next.Count != present.Count || next.Any(hit => !present.TryGetValue(hit.Key, out ulong mark) || mark != hit.Value);
        foreach ((ulong inode, ulong mark) in present)
        {
            if (!next.ContainsKey(inode))
            {
                former[inode] = mark;
            }
        }
        present.Clear();
        foreach ((ulong inode, ulong mark) in next)
        {
            present[inode] = mark;
            former.Remove(inode);
        }
        foreach (ulong inode in former.Keys.Take(Math.Max(0, former.Count - MaxFormer)))
        {
            former.Remove(inode);
        }
        return (fresh, changed);
    }
}

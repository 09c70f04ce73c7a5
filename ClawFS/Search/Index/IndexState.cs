using System.Collections.Concurrent;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;

namespace ClawFS.Search.Index;

/// <summary>
/// The index in memory: files, chunks, words. One thread changes it, the same way from the log and from the files; searches go beside it without a lock.
/// </summary>
internal sealed class IndexState
{
    private readonly ConcurrentDictionary<ulong, IndexedFile> files = new();
    private readonly List<PendingChunk> gathered = [];
    private ChunkTerms[] terms = new ChunkTerms[1024];

    /// <summary>The terms and their numbers.</summary>
    public TermTable Terms { get; } = new();

    /// <summary>Which chunk has which terms.</summary>
    public InvertedIndex Words { get; } = new();

    /// <summary>Where chunks lie.</summary>
    public ChunkTable Chunks { get; } = new();

    /// <summary>All files that were looked at, skipped ones included.</summary>
    public IEnumerable<IndexedFile> Files => files.Values;

    /// <summary>Files that are searchable.</summary>
    public int FileCount { get; private set; }

    /// <summary>Files that were looked at and are not.</summary>
    public int SkippedCount => files.Count - FileCount;

    /// <summary>Bytes of the chunks' terms.</summary>
    public long TermBytes { get; private set; }

    /// <summary>Told of each chunk that came, and of each that went.</summary>
    public Action<uint, bool> ChunkChanged { get; set; } = static (_, _) => { };

    /// <summary>What is known of a file.</summary>
    public IndexedFile? Find(ulong inode) => files.GetValueOrDefault(inode);

    /// <summary>The terms of a chunk; those of one that is gone may be gone, too. For the changing thread and for whoever checks a hit.</summary>
    public ChunkTerms TermsOf(uint chunk) => Volatile.Read(ref terms)[chunk];

    /// <summary>Takes a file in the place of what was known of it.</summary>
    /// <param name="file">The file; its chunks are numbered here.</param>
    /// <param name="chunks">Its parts.</param>
    /// <param name="chunkTerms">Their terms, as many.</param>
    public void Put(IndexedFile file, IReadOnlyList<Chunk> chunks, IReadOnlyList<ChunkTerms> chunkTerms)
    {
        Remove(file.Inode);
        file = file with { FirstChunk = Chunks.Count, ChunkCount = chunks.Count };
        Reserve(file.FirstChunk + (uint)chunks.Count);
        for (int i = 0; i < chunks.Count; i++)
        {
            terms[file.FirstChunk + i] = chunkTerms[i];
            TermBytes += chunkTerms[i].Bytes.Length;
            gathered.Add(new(file.FirstChunk + (uint)i, chunkTerms[i]));
        }
        Chunks.Add(file, chunks);
        files[file.Inode] = file;
        FileCount += file.Skipped is null ? 1 : 0;
    }

    /// <summary>Takes other attributes of a file whose content is as it was.</summary>
    public void Restate(IndexedFile file)
    {
        if (files.TryGetValue(file.Inode, out IndexedFile? known))
        {
            IndexedFile restated = known with { Folder = file.Folder, Name = file.Name, Ctime = file.Ctime, Mtime = file.Mtime, Tags = file.Tags };
            files[file.Inode] = restated;
            Chunks.Restate(restated);
        }
    }

    /// <summary>Forgets a file; false if it was not known.</summary>
    public bool Remove(ulong inode)
    {
        if (!files.TryRemove(inode, out IndexedFile? file))
        {
            return false;
        }
        // Gathered chunks must be in the words before they can leave them.
        if (gathered.Count > 0 && file.ChunkCount > 0 && file.FirstChunk + (uint)file.ChunkCount > gathered[0].Chunk)
        {
            Publish();
        }
        FileCount -= file.Skipped is null ? 1 : 0;
        Chunks.Remove(file);
        for (uint chunk = file.FirstChunk; chunk < file.FirstChunk + (uint)file.ChunkCount; chunk++)
        {
            Words.Remove(chunk);
            TermBytes -= terms[chunk].Bytes.Length;
            terms[chunk] = default;
            ChunkChanged(chunk, false);
        }
        return true;
    }

    /// <summary>Makes what was put since the last time searchable, together.</summary>
    public void Publish()
    {
        if (gathered.Count >= 64)
        {
            Words.AddMany(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(gathered));
        }
        else
        {
            foreach (PendingChunk chunk in gathered)
            {
                Words.Add(chunk.Chunk, chunk.Terms);
            }
        }
        foreach (PendingChunk chunk in gathered)
        {
            ChunkChanged(chunk.Chunk, true);
        }
        gathered.Clear();
    }

    /// <summary>Chunks that wait for <see cref="Publish"/>.</summary>
    public int Gathered => gathered.Count;

    private void Reserve(uint count)
    {
        if (count > terms.Length)
        {
            ChunkTerms[] larger = new ChunkTerms[Math.Max(count, terms.Length * 3L / 2)];
            terms.CopyTo(larger, 0);
            Volatile.Write(ref terms, larger);
        }
    }
}

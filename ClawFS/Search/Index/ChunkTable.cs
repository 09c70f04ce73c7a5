using ClawFS.Search.Text;

namespace ClawFS.Search.Index;

/// <summary>
/// The chunks by number. Numbers are given in order and not given again until the index is written anew, so that each list that is sorted by them grows at its end.
/// One thread writes; readers go beside it without a lock and find for a number that is gone no file.
/// </summary>
internal sealed class ChunkTable
{
    private const int PageBits = 12;

    private volatile Page[] pages = [];
    private uint count;

    /// <summary>One more than the greatest number that was given.</summary>
    public uint Count => Volatile.Read(ref count);

    /// <summary>Chunks whose file is there.</summary>
    public int Live { get; private set; }

    /// <summary>Gives the chunks of a file the next numbers. The file's <see cref="IndexedFile.FirstChunk"/> is <see cref="Count"/> as it was before.</summary>
    public void Add(IndexedFile file, IReadOnlyList<Chunk> chunks)
    {
        uint next = count;
        foreach (Chunk chunk in chunks)
        {
            if (next >> PageBits == pages.Length)
            {
                pages = [.. pages, new Page()];
            }
            pages[(int)(next >> PageBits)].Places[next & ((1 << PageBits) - 1)] = new(file, chunk);
            next++;
        }
        Live += chunks.Count;
        Volatile.Write(ref count, next);
    }

    /// <summary>Takes the chunks of a file away.</summary>
    public void Remove(IndexedFile file)
    {
        for (uint chunk = file.FirstChunk; chunk < file.FirstChunk + (uint)file.ChunkCount; chunk++)
        {
            // The place stays: a reader that is in the middle of copying it sees either file with the right chunk.
            ref ChunkPlace place = ref Slot(chunk);
            place = place with { File = null };
        }
        Live -= file.ChunkCount;
    }

    /// <summary>Puts another description of the same file in the place of the old one.</summary>
    public void Restate(IndexedFile file)
    {
        for (uint chunk = file.FirstChunk; chunk < file.FirstChunk + (uint)file.ChunkCount; chunk++)
        {
            ref ChunkPlace place = ref Slot(chunk);
            place = place with { File = file };
        }
    }

    /// <summary>Where a chunk lies. A reader beside the writer may get the place of a moment ago.</summary>
    public ChunkPlace this[uint chunk] => chunk < Count ? Slot(chunk) : default;

    private ref ChunkPlace Slot(uint chunk) => ref pages[(int)(chunk >> PageBits)].Places[chunk & ((1 << PageBits) - 1)];

    private sealed class Page
    {
        public ChunkPlace[] Places { get; } = new ChunkPlace[1 << PageBits];
    }
}

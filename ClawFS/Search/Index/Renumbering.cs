using ClawFS.Search.Lexical;
using ClawFS.Search.Text;

namespace ClawFS.Search.Index;

/// <summary>
/// Numbers of terms and chunks are never given again, so that files which come and go (logs, downloads, repositories) would fill the memory with words that nobody uses any more. When more than half of them are of no
/// use, the index is made anew in memory out of what lives, under new numbers; nothing is read from the files.
/// </summary>
internal sealed class Renumbering
{
    private readonly int leastTerms;
    private readonly int leastChunks;
    private int nextTerms;

    /// <summary>Makes a rule.</summary>
    /// <param name="leastTerms">With fewer terms nothing is done.</param>
    /// <param name="leastChunks">Nor with fewer chunks.</param>
    public Renumbering(int leastTerms = 1 << 18, int leastChunks = 1 << 16)
    {
        this.leastTerms = nextTerms = leastTerms;
        this.leastChunks = leastChunks;
    }

    /// <summary>Whether it is worth while. Looks at all chunks, but only when there are twice as many terms as after the last look: about 0.1 s for 100,000 chunks.</summary>
    /// <param name="state">The index.</param>
    /// <param name="isIdle">Whether nothing else is to do; otherwise it waits until there are twice as many.</param>
    public bool IsDue(IndexState state, bool isIdle)
    {
        int patience = isIdle ? 1 : 2;
        if (state.Chunks.Count > (long)leastChunks * patience && state.Chunks.Count > 4L * state.Chunks.Live * patience)
        {
            return true;
        }
        if (state.Terms.Count < (long)nextTerms * patience)
        {
            return false;
        }
        int living = Used(state).Count(static isUsed => isUsed);
        nextTerms = Math.Max(leastTerms, living * 2);
        return living * 2L < state.Terms.Count;
    }

    /// <summary>The same index under new numbers. The old one stays as it is, for searches that are under way.</summary>
    /// <exception cref="OperationCanceledException">As asked.</exception>
    public static IndexState Make(IndexState old, CancellationToken stop)
    {
        IndexState made = new();
        bool[] used = Used(old);
        int[] numbers = new int[used.Length];
        for (int term = 0; term < used.Length; term++)
        {
            // Terms keep their order, and with it every list that is sorted by them.
            numbers[term] = used[term] ? made.Terms.Add(old.Terms[term]) : -1;
        }
        foreach (IndexedFile file in old.Files.OrderBy(static file => file.FirstChunk))
        {
            stop.ThrowIfCancellationRequested();
            Chunk[] chunks = new Chunk[file.ChunkCount];
            ChunkTerms[] terms = new ChunkTerms[file.ChunkCount];
            for (int i = 0; i < chunks.Length; i++)
            {
                uint chunk = file.FirstChunk + (uint)i;
                (chunks[i], terms[i]) = (old.Chunks[chunk].Chunk, old.TermsOf(chunk).Renumbered(numbers));
            }
            made.Put(file, chunks, terms);
            if (made.Gathered > 1 << 15)
            {
                made.Publish();
            }
        }
        made.Publish();
        return made;
    }

    /// <summary>Which terms a living chunk has.</summary>
    private static bool[] Used(IndexState state)
    {
        bool[] used = new bool[state.Terms.Count];
        for (uint chunk = 0; chunk < state.Chunks.Count; chunk++)
        {
            if (state.Chunks[chunk].File is not null)
            {
                foreach ((int term, _) in state.TermsOf(chunk))
                {
                    used[term] = true;
                }
            }
        }
        return used;
    }
}

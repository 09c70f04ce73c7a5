using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>Which terms a model knows, and what they weigh.</summary>
/// <param name="Terms">Their numbers, ascending.</param>
/// <param name="Idf">ln(chunks / chunks with the term) + 1 of each.</param>
/// <param name="Common">Terms that were left out because too many chunks have them, ascending.</param>
internal sealed record TermSelection(int[] Terms, float[] Idf, int[] Common)
{
    internal static TermSelection Choose(IReadOnlyList<ChunkTerms> chunks, LsiOptions options)
    {
        int[] having = CountChunks(chunks);
        int most = Math.Max(options.MinChunks, (int)(chunks.Count * options.MaxShare));
        int least = Math.Max(options.MinChunks, LeastFor(having, most, options.MaxTerms));
        List<int> terms = [], common = [];
        for (int term = 0; term < having.Length; term++)
        {
            if (having[term] > most)
                common.Add(term);
            else if (having[term] >= least && terms.Count < options.MaxTerms)
                terms.Add(term);
        }

        return new TermSelection([.. terms], [.. terms.Select(term => (float)(Math.Log((double)chunks.Count / having[term]) + 1))], [.. common]);
    }

    private static int[] CountChunks(IReadOnlyList<ChunkTerms> chunks)
    {
        int[] having = new int[1024];
        for (int i = 0; i < chunks.Count; i++)
        {
            foreach ((int term, _) in chunks[i])
            {
                if (term >= having.Length)
                    Array.Resize(ref having, Math.Max(term + 1, having.Length * 2));
                having[term]++;
            }
        }

        return having;
    }

    /// <summary>The smallest number of chunks that a term must be in, so that no more than a given number of terms are left.</summary>
    private static int LeastFor(int[] having, int most, int maxTerms)
    {
        int[] terms = new int[most + 2];
        foreach (int count in having)
        {
            if (count <= most)
                terms[count]++;
        }

        int sum = 0, least = most;
        for (; least > 1 && sum + terms[least] <= maxTerms; least--)
            sum += terms[least];
        return least + (sum + terms[least] <= maxTerms ? 0 : 1);
    }
}

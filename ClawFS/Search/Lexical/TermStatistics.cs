namespace ClawFS.Search.Lexical;

/// <summary>In how many chunks each term is, as of some moment: for weights that need not be true to the last chunk, at the price of one array.</summary>
internal sealed class TermStatistics
{
    private readonly float[] _idf;
    private readonly float _unseen;

    private TermStatistics(long chunks, int[] having)
    {
        Chunks = chunks;
        _unseen = Bm25.Idf(chunks, 0);
        _idf = [.. having.Select(count => Bm25.Idf(Math.Max(chunks, count), count))];
    }

    /// <summary>Chunks at that moment.</summary>
    internal long Chunks { get; }

    /// <summary>Counts what an index holds; removed chunks whose space has not come back count too.</summary>
    internal static TermStatistics Of(InvertedIndex index)
    {
        int[] having = [];
        long chunks = index.Count;
        foreach ((int term, int count) in index.Postings())
        {
            if (term >= having.Length)
                Array.Resize(ref having, Math.Max(term + 1, having.Length * 2));
            having[term] += count;
        }

        return new TermStatistics(chunks, having);
    }

    /// <summary>ln(1 + (N - df + 0.5) / (df + 0.5)) of a term, as in <see cref="Bm25"/>.</summary>
    internal float Idf(int term) => term < _idf.Length ? _idf[term] : _unseen;
}

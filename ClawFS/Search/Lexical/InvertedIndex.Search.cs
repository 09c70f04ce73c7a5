using System.Collections.Concurrent;

namespace ClawFS.Search.Lexical;

/// <summary>The searching half.</summary>
internal sealed partial class InvertedIndex
{
    /// <summary>A search looks at no more different terms; of a longer query the rarest count.</summary>
    internal const int MaxQueryTerms = 256;

    private readonly ConcurrentBag<SearchScratch> _scratch = [];

    /// <summary>How many chunks have a term.</summary>
    internal long ChunksWith(int term)
    {
        IndexSnapshot snapshot = _snapshot;
        return CountLiving(snapshot, term);
    }

    /// <summary>Each term with the number of its postings, part by part: a term comes once for each part of the index that has it.</summary>
    internal IEnumerable<(int Term, int Count)> Postings()
    {
        IndexSnapshot snapshot = _snapshot;
        foreach (Segment segment in snapshot.Segments)
        {
            for (int i = 0; i < segment.Terms.Length; i++)
                yield return (segment.Terms[i], segment.Starts[i + 1] - segment.Starts[i]);
        }

        foreach (PendingChunk chunk in snapshot.Pending)
        {
            foreach (QueryTerm term in QueryTerms.From(chunk.Terms).Different)
                yield return (term.Term, 1);
        }
    }

    /// <summary>The best chunks of a query.</summary>
    /// <param name="query">Different terms; those that no chunk has do not matter.</param>
    /// <param name="allowed">A bit for each chunk that may be found, lowest first, none for higher numbers; null for all chunks.</param>
    /// <param name="results">Gets the best, best first; its length is how many are wanted.</param>
    /// <returns>How many were found; fewer than wanted when fewer chunks have any of the terms.</returns>
    internal int Search(ReadOnlySpan<QueryTerm> query, ulong[]? allowed, Span<ScoredChunk> results)
    {
        if (!_scratch.TryTake(out SearchScratch? scratch))
            scratch = new SearchScratch();
        try
        {
            IndexSnapshot snapshot = _snapshot;
            Weigh(snapshot, query, scratch);
            BestChunks best = new(results);
            SegmentSearch search = new(scratch, Bm25.Norm(snapshot.AverageLength), allowed);
            foreach (Segment segment in snapshot.Segments)
                search.Run(segment, ref best);
            search.Run(snapshot.Pending, ref best);
            best.Sort();
            return best.Count;
        }
        finally
        {
            _scratch.Add(scratch);
        }
    }

    /// <summary>Lays out the terms that occur, the rarest first.</summary>
    private static void Weigh(IndexSnapshot snapshot, ReadOnlySpan<QueryTerm> query, SearchScratch scratch)
    {
        scratch.Terms.Clear();
        foreach (QueryTerm each in query)
        {
            long having = CountLiving(snapshot, each.Term);
            if (having > 0 && each.Weight > 0)
                scratch.Terms.Add(new WeighedTerm(each.Term, each.Weight * Bm25.Idf(snapshot.Chunks, having)));
        }

        scratch.Terms.Sort(static (one, other) => one.Weight != other.Weight ? other.Weight.CompareTo(one.Weight) : one.Term.CompareTo(other.Term));
        if (scratch.Terms.Count > MaxQueryTerms)
            scratch.Terms.RemoveRange(MaxQueryTerms, scratch.Terms.Count - MaxQueryTerms);
        float bound = 0;
        for (int i = scratch.Terms.Count - 1; i >= 0; i--)
            scratch.Bounds[i] = bound += scratch.Terms[i].Weight * (Bm25.K1 + 1);
    }

    private static long CountLiving(IndexSnapshot snapshot, int term)
    {
        long count = 0;
        foreach (Segment segment in snapshot.Segments)
        {
            (int start, int end) = segment.Find(term);
            count += segment.CountLiving(start, end);
        }

        foreach (ref readonly PendingChunk chunk in snapshot.Pending.AsSpan())
        {
            foreach ((int each, _) in chunk.Terms)
            {
                if (each < term)
                    continue;
                count += each == term ? 1 : 0;
                break;
            }
        }

        return count;
    }
}

using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors;

public sealed unsafe partial class HnswIndex
{
    private const int MostWidth = 1 << 16;

    /// <summary>A search beside threads that remove all the time ends nevertheless.</summary>
    private const int MostScans = 100;

    /// <summary>Finds the nearest vectors.</summary>
    /// <param name="query">As many finite floats as the index has dimensions; its length does not matter for <see cref="Metric.Cosine"/>.</param>
    /// <param name="k">Hits wanted, at least 1; no more than <paramref name="results"/> has room for, and 65,536, are returned.</param>
    /// <param name="ef">Candidates that the walk keeps; at least k are. More: better recall, slower. Exact scans do not depend on it.</param>
    /// <param name="filter">Labels that may be returned, or null for all.</param>
    /// <param name="results">The hits, nearest first.</param>
    /// <returns>How many: k whenever so many labels exist that the filter lets through.</returns>
    /// <exception cref="ArgumentException">The query has another length, or a component that is not finite.</exception>
    public int Search(ReadOnlySpan<float> query, int k, int ef, LabelBitmap? filter, Span<Neighbour> results)
    {
        Check(query);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(k);
        k = Math.Min(Math.Min(k, results.Length), MostWidth);
        // A little wider than asked: codes order what is near the end of the list less exactly than floats do.
        ef = Math.Clamp(ef, k, MostWidth);
        int width = Math.Min(ef + (ef / 16) + 3, MostWidth);
        SearchContext context = epochs.Begin();
        try
        {
            context.Codes = slots.Codes;
            Fill(context, query);
            EncodeQuery(context);
            return k == 0 ? 0 : Find(context, k, width, filter, results[..k]);
        }
        finally
        {
            context.End();
        }
    }

    private int Find(SearchContext context, int k, int width, LabelBitmap? filter, Span<Neighbour> results)
    {
        long before = Volatile.Read(ref replacements);
        SearchPlan plan = SearchPlan.For(filter, Count, slots.Used, width);
        if (!plan.Scan)
        {
            bool whole = graph.Walk(context, plan.Width, filter, Volatile.Read(ref unfit) == 0, plan.Budget, out CandidatePool walked);
            if (whole && walked.Results >= k)
            {
                int found = Emit(Rank(context, walked, k), results, before);
                if (found == k)
                    return found;
            }
        }

        for (int tries = 1; ; tries++)
        {
            long changes = Volatile.Read(ref removals) + Volatile.Read(ref replacements);
            CandidatePool scanned = graph.Scan(context, Math.Max(width, SearchPlan.LeastScanWidth), filter, labels);
            int found = Emit(Rank(context, scanned, k), results, before);
            // Fewer than k are an answer only if none of those that were found went meanwhile.
            if (found == k || tries == MostScans || changes == Volatile.Read(ref removals) + Volatile.Read(ref replacements))
                return found;
        }
    }

    /// <summary>Copies out what is still live at this moment: a removal that has returned is seen here.</summary>
    private int Emit(CandidatePool best, Span<Neighbour> results, long replacementsBefore)
    {
        int count = Emit(best, results, once: false);
        // A label that was replaced during the walk may have been met in both of its slots.
        return Volatile.Read(ref replacements) == replacementsBefore ? count : Emit(best, results, once: true);
    }

    private int Emit(CandidatePool best, Span<Neighbour> results, bool once)
    {
        int count = 0;
        for (int i = 0; i < best.Size && count < results.Length; i++)
        {
            uint slot = CandidatePool.Slot(best.Entries[i]);
            if (Volatile.Read(ref slots.States[slot]) != SlotState.Live)
                continue;
            Neighbour hit = new(slots.Labels[slot], Distance(CandidatePool.Key(best.Entries[i])));
            if (!once || !Has(results[..count], hit.Label))
                results[count++] = hit;
        }

        return count;
    }

    private static bool Has(ReadOnlySpan<Neighbour> hits, uint label)
    {
        foreach (Neighbour hit in hits)
        {
            if (hit.Label == label)
                return true;
        }

        return false;
    }

    private float Distance(uint key)
    {
        float distance = OrderedFloat.FromBits(key);
        return options.Metric == Metric.Cosine ? 1 + distance : distance;
    }

    private void EncodeQuery(SearchContext context)
    {
        if (context.Codes is not { } codes)
            return;
        ReadOnlySpan<float> query = new(context.Query, options.Dimensions);
        // An inner product orders the same under any scale of the query, so it gets all of the range; a Euclidean distance needs the rows' own.
        context.CodeScale = options.Metric == Metric.L2 ? codes.Scale : QueryScale(query);
        CodeTable.Encode(query, context.CodeScale, context.Code);
    }

    private static float QueryScale(ReadOnlySpan<float> query)
    {
        float most = 0;
        foreach (float value in query)
            most = Math.Max(most, Math.Abs(value));
        return most > 1e-30f ? 127 / most : 1;
    }
}

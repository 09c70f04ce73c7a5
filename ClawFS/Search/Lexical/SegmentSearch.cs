using System.Numerics;

namespace ClawFS.Search.Lexical;

/// <summary>
/// Ranks the chunks of a segment term by term, the rarest first. As soon as the terms that are left cannot lift a chunk that has none of the earlier ones among the best
/// (the MaxScore bound of Turtle and Flood, 1995), only the chunks that still can get there are looked up in the long lists of the common terms.
/// </summary>
/// <param name="scratch">The query and room.</param>
/// <param name="norm">The length norm's parts.</param>
/// <param name="allowed">A bit for each chunk that may be found, or null.</param>
internal readonly struct SegmentSearch(SearchScratch scratch, (float Constant, float Slope) norm, ulong[]? allowed)
{
    internal void Run(Segment segment, ref BestChunks best)
    {
        Span<float> sums = scratch.Sums.AsSpan(0, segment.Count);
        sums.Clear();
        for (int i = 0; i < scratch.Terms.Count; i++)
        {
            // A little below, for what rounding may add.
            float missing = best.Threshold - (scratch.Bounds[i] * 1.00001f);
            if (missing > 0)
            {
                int count = Collect(sums, missing);
                Finish(segment, sums, scratch.Candidates.AsSpan(0, count), i, ref best);
                return;
            }

            Sum(segment, scratch.Terms[i], sums);
        }

        OfferAll(segment, sums, ref best);
    }

    /// <summary>Chunks in no segment yet: few, so each is read.</summary>
    internal void Run(ReadOnlySpan<PendingChunk> pending, ref BestChunks best)
    {
        foreach (ref readonly PendingChunk chunk in pending)
        {
            float length = norm.Constant + (norm.Slope * chunk.Terms.Total);
            float score = 0;
            foreach ((int term, int frequency) in chunk.Terms)
            {
                foreach (WeighedTerm each in scratch.Terms)
                {
                    if (each.Term == term)
                        score += Bm25.Part(each.Weight, frequency, length);
                }
            }

            if (score > 0 && score >= best.Threshold && IsAllowed(chunk.Chunk))
                best.Offer(new ScoredChunk(chunk.Chunk, score));
        }
    }

    private void Sum(Segment segment, WeighedTerm term, Span<float> sums)
    {
        (int start, int end) = segment.Find(term.Term);
        ReadOnlySpan<ushort> slots = segment.Slots.AsSpan(start, end - start);
        ReadOnlySpan<byte> frequencies = segment.Frequencies.AsSpan(start, slots.Length);
        ReadOnlySpan<ushort> lengths = segment.Lengths.AsSpan(0, sums.Length);
        float weight = term.Weight * (Bm25.K1 + 1);
        for (int i = 0; i < slots.Length; i++)
        {
            int slot = slots[i];
            float frequency = frequencies[i];
            sums[slot] += weight * frequency / (frequency + norm.Constant + (norm.Slope * lengths[slot]));
        }
    }

    /// <summary>The slots whose sum reaches a bound above 0, ascending.</summary>
    private int Collect(ReadOnlySpan<float> sums, float bound)
    {
        Vector<float> bounds = new(bound);
        int count = 0, slot = 0;
        for (; slot <= sums.Length - Vector<float>.Count; slot += Vector<float>.Count)
        {
            if (!Vector.GreaterThanOrEqualAny(new Vector<float>(sums[slot..]), bounds))
                continue;
            for (int i = slot; i < slot + Vector<float>.Count; i++)
            {
                if (sums[i] >= bound)
                    scratch.Candidates[count++] = (ushort)i;
            }
        }

        for (; slot < sums.Length; slot++)
        {
            if (sums[slot] >= bound)
                scratch.Candidates[count++] = (ushort)slot;
        }

        return count;
    }

    /// <summary>Adds the terms from <paramref name="from"/> on to the candidates alone.</summary>
    private void Finish(Segment segment, Span<float> sums, Span<ushort> candidates, int from, ref BestChunks best)
    {
        for (int i = from; i < scratch.Terms.Count && candidates.Length > 0; i++)
        {
            (int start, int end) = segment.Find(scratch.Terms[i].Term);
            ReadOnlySpan<ushort> slots = segment.Slots.AsSpan(start, end - start);
            int at = 0, kept = 0;
            float needed = best.Threshold - (i + 1 < scratch.Terms.Count ? scratch.Bounds[i + 1] * 1.00001f : 0);
            foreach (ushort slot in candidates)
            {
                at = Seek(slots, at, slot);
                if (at < slots.Length && slots[at] == slot)
                {
                    float length = norm.Constant + (norm.Slope * segment.Lengths[slot]);
                    float frequency = segment.Frequencies[start + at];
                    sums[slot] += scratch.Terms[i].Weight * (Bm25.K1 + 1) * frequency / (frequency + length);
                }

                if (sums[slot] >= needed)
                    candidates[kept++] = slot;
            }

            candidates = candidates[..kept];
        }

        foreach (ushort slot in candidates)
            Offer(segment, slot, sums[slot], ref best);
    }

    /// <summary>The first posting at or behind a slot, searched in growing steps from the last one.</summary>
    private static int Seek(ReadOnlySpan<ushort> slots, int from, ushort slot)
    {
        int step = 1, low = from;
        while (low + step < slots.Length && slots[low + step] < slot)
        {
            low += step;
            step *= 2;
        }

        int high = Math.Min(slots.Length, low + step + 1);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (slots[middle] < slot)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private void OfferAll(Segment segment, ReadOnlySpan<float> sums, ref BestChunks best)
    {
        int slot = 0;
        while (slot < sums.Length)
        {
            // The threshold rises as chunks are offered; those in between are skipped a vector at a time.
            float threshold = Math.Max(best.Threshold, float.Epsilon);
            Vector<float> thresholds = new(threshold);
            while (slot <= sums.Length - Vector<float>.Count && !Vector.GreaterThanOrEqualAny(new Vector<float>(sums[slot..]), thresholds))
                slot += Vector<float>.Count;
            int end = Math.Min(sums.Length, slot + Vector<float>.Count);
            for (; slot < end; slot++)
            {
                if (sums[slot] >= threshold)
                    Offer(segment, slot, sums[slot], ref best);
            }
        }
    }

    private void Offer(Segment segment, int slot, float score, ref BestChunks best)
    {
        if (score >= best.Threshold && !segment.IsDead(slot) && IsAllowed(segment.Labels[slot]))
            best.Offer(new ScoredChunk(segment.Labels[slot], score));
    }

    private bool IsAllowed(uint chunk) => allowed is null || (chunk >> 6 < (uint)allowed.Length && (allowed[chunk >> 6] >> (int)(chunk & 63) & 1) != 0);
}

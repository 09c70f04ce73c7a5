namespace ClawFS.Search.Lexical;

/// <summary>Makes a segment from the terms of chunks.</summary>
internal static class SegmentBuilder
{
    /// <param name="chunks">At most <see cref="Segment.MaxChunks"/>.</param>
    internal static Segment Build(ReadOnlySpan<PendingChunk> chunks)
    {
        uint[] labels = new uint[chunks.Length];
        ushort[] lengths = new ushort[chunks.Length];
        int postings = 0, maxTerm = -1;
        for (int slot = 0; slot < chunks.Length; slot++)
        {
            labels[slot] = chunks[slot].Chunk;
            lengths[slot] = (ushort)chunks[slot].Terms.Total;
            postings += chunks[slot].Terms.Count;
            maxTerm = Math.Max(maxTerm, chunks[slot].Terms.Last);
        }

        // Counting by term number costs a pass over all numbers: for many postings only.
        return postings < 65536 ? BySorting(chunks, labels, lengths, postings) : ByCounting(chunks, labels, lengths, postings, maxTerm);
    }

    private static Segment BySorting(ReadOnlySpan<PendingChunk> chunks, uint[] labels, ushort[] lengths, int postings)
    {
        ulong[] keys = new ulong[postings];
        int at = 0;
        for (int slot = 0; slot < chunks.Length; slot++)
        {
            foreach ((int term, int frequency) in chunks[slot].Terms)
                keys[at++] = ((ulong)(uint)term << 24) | ((ulong)slot << 8) | (uint)frequency;
        }

        keys.AsSpan().Sort();
        int different = 0;
        for (int i = 0; i < postings; i++)
            different += i == 0 || keys[i] >> 24 != keys[i - 1] >> 24 ? 1 : 0;
        int[] terms = new int[different];
        int[] starts = new int[different + 1];
        ushort[] slots = new ushort[postings];
        byte[] frequencies = new byte[postings];
        int next = 0;
        for (int i = 0; i < postings; i++)
        {
            if (i == 0 || keys[i] >> 24 != keys[i - 1] >> 24)
            {
                terms[next] = (int)(keys[i] >> 24);
                starts[next++] = i;
            }

            slots[i] = (ushort)(keys[i] >> 8);
            frequencies[i] = (byte)keys[i];
        }

        starts[different] = postings;
        return new Segment(labels, lengths, terms, starts, slots, frequencies);
    }

    private static Segment ByCounting(ReadOnlySpan<PendingChunk> chunks, uint[] labels, ushort[] lengths, int postings, int maxTerm)
    {
        int[] next = new int[maxTerm + 1];
        foreach (ref readonly PendingChunk chunk in chunks)
        {
            foreach ((int term, _) in chunk.Terms)
                next[term]++;
        }

        int different = 0;
        foreach (int count in next)
            different += count > 0 ? 1 : 0;
        int[] terms = new int[different];
        int[] starts = new int[different + 1];
        int index = 0, sum = 0;
        for (int term = 0; term <= maxTerm; term++)
        {
            int count = next[term];
            if (count == 0)
                continue;
            terms[index] = term;
            starts[index++] = sum;
            next[term] = sum;
            sum += count;
        }

        starts[different] = sum;
        ushort[] slots = new ushort[postings];
        byte[] frequencies = new byte[postings];
        for (int slot = 0; slot < chunks.Length; slot++)
        {
            foreach ((int term, int frequency) in chunks[slot].Terms)
            {
                int at = next[term]++;
                slots[at] = (ushort)slot;
                frequencies[at] = (byte)frequency;
            }
        }

        return new Segment(labels, lengths, terms, starts, slots, frequencies);
    }
}

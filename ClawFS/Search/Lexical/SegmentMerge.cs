namespace ClawFS.Search.Lexical;

/// <summary>Makes one segment of several, without their dead chunks.</summary>
internal static class SegmentMerge
{
    /// <param name="sources">Their living chunks together are at most <see cref="Segment.MaxChunks"/>.</param>
    internal static Segment Merge(ReadOnlySpan<Segment> sources)
    {
        int living = 0, postings = 0, termBound = 0;
        foreach (Segment source in sources)
        {
            living += source.Count - source.DeadCount;
            postings += source.Slots.Length;
            termBound += source.Terms.Length;
        }

        uint[] labels = new uint[living];
        ushort[] lengths = new ushort[living];
        int[][] moved = new int[sources.Length][];
        int slot = 0;
        for (int i = 0; i < sources.Length; i++)
            moved[i] = MoveChunks(sources[i], labels, lengths, ref slot);

        int[] terms = new int[termBound];
        int[] starts = new int[termBound + 1];
        ushort[] slots = new ushort[postings];
        byte[] frequencies = new byte[postings];
        int[] at = new int[sources.Length];
        int different = 0, written = 0;
        while (Smallest(sources, at) is >= 0 and var term)
        {
            int start = written;
            for (int i = 0; i < sources.Length; i++)
            {
                if (at[i] < sources[i].Terms.Length && sources[i].Terms[at[i]] == term)
                    MovePostings(sources[i], at[i]++, moved[i], slots, frequencies, ref written);
            }

            if (written == start)
                continue;
            terms[different] = term;
            starts[different++] = start;
        }

        starts[different] = written;
        return new Segment(labels, lengths, terms[..different], starts[..(different + 1)], Fit(slots, written), Fit(frequencies, written));
    }

    private static T[] Fit<T>(T[] array, int length) => array.Length == length ? array : array[..length];

    /// <summary>Gives each living chunk its new slot; -1 for a dead one.</summary>
    private static int[] MoveChunks(Segment source, uint[] labels, ushort[] lengths, ref int slot)
    {
        int[] moved = new int[source.Count];
        for (int i = 0; i < moved.Length; i++)
        {
            moved[i] = source.IsDead(i) ? -1 : slot;
            if (moved[i] < 0)
                continue;
            labels[slot] = source.Labels[i];
            lengths[slot++] = source.Lengths[i];
        }

        return moved;
    }

    private static int Smallest(ReadOnlySpan<Segment> sources, int[] at)
    {
        int smallest = int.MaxValue;
        for (int i = 0; i < sources.Length; i++)
        {
            if (at[i] < sources[i].Terms.Length)
                smallest = Math.Min(smallest, sources[i].Terms[at[i]]);
        }

        return smallest == int.MaxValue ? -1 : smallest;
    }

    private static void MovePostings(Segment source, int term, int[] moved, ushort[] slots, byte[] frequencies, ref int written)
    {
        for (int i = source.Starts[term]; i < source.Starts[term + 1]; i++)
        {
            int slot = moved[source.Slots[i]];
            if (slot < 0)
                continue;
            slots[written] = (ushort)slot;
            frequencies[written++] = source.Frequencies[i];
        }
    }
}

namespace ClawFS.Search.Lexical;

/// <summary>
/// Which chunks have which terms, in memory, ranked by <see cref="Bm25"/>. One writer at a time beside any number of searches, which take no lock. New chunks wait in a
/// short list, become a small segment together, and small segments become larger ones. A removed chunk is not found by a search that begins after the removal; its
/// space comes back with <see cref="CompactStep"/> or the next merge. Numbers of chunks should be dense: each number up to the highest costs 16 bytes.
/// </summary>
internal sealed partial class InvertedIndex
{
    private const int SealAt = 64;
    private const int MergeFanout = 8;

    private volatile IndexSnapshot _snapshot = IndexSnapshot.Empty;
    private Place[] _places = new Place[1024];

    /// <summary>Chunks that can be found.</summary>
    internal long Count => _snapshot.Chunks;

    /// <summary>The mean length of a chunk in terms.</summary>
    internal double AverageLength => _snapshot.AverageLength;

    /// <summary>Bytes of memory held.</summary>
    internal long MemoryBytes
    {
        get
        {
            IndexSnapshot snapshot = _snapshot;
            return snapshot.Segments.Sum(static segment => segment.MemoryBytes) + snapshot.Pending.Sum(static chunk => chunk.Terms.Bytes.Length + 64L) + (_places.Length * 16L);
        }
    }

    /// <summary>Adds a chunk; the one that had its number is gone.</summary>
    internal void Add(uint chunk, in ChunkTerms terms)
    {
        _ = Remove(chunk);
        IndexSnapshot before = _snapshot;
        PendingChunk[] pending = [.. before.Pending, new PendingChunk(chunk, terms)];
        PlaceOf(chunk) = new Place(null, pending.Length - 1);
        _snapshot = new IndexSnapshot(before.Segments, pending, before.Chunks + 1, before.TotalLength + terms.Total);
        if (pending.Length >= SealAt)
            Seal();
    }

    /// <summary>Adds many chunks with different numbers at once, which is faster than one by one.</summary>
    internal void AddMany(ReadOnlySpan<PendingChunk> chunks)
    {
        foreach (ref readonly PendingChunk chunk in chunks)
            _ = Remove(chunk.Chunk);
        while (chunks.Length > 0)
        {
            ReadOnlySpan<PendingChunk> part = chunks[..Math.Min(chunks.Length, Segment.MaxChunks)];
            Segment segment = SegmentBuilder.Build(part);
            long length = 0;
            foreach (ushort each in segment.Lengths)
                length += each;
            IndexSnapshot before = _snapshot;
            Settle(segment);
            _snapshot = new IndexSnapshot([.. before.Segments, segment], before.Pending, before.Chunks + segment.Count, before.TotalLength + length);
            chunks = chunks[part.Length..];
        }

        MergeWhatIsDue();
    }

    /// <summary>Removes a chunk. False when it is not there.</summary>
    internal bool Remove(uint chunk)
    {
        if (chunk >= _places.Length || _places[chunk].IsNowhere)
            return false;
        Place place = _places[chunk];
        _places[chunk] = default;
        IndexSnapshot before = _snapshot;
        if (place.Segment is { } segment)
        {
            segment.Kill(place.Slot);
            _snapshot = before with { Chunks = before.Chunks - 1, TotalLength = before.TotalLength - segment.Lengths[place.Slot] };
            return true;
        }

        PendingChunk gone = before.Pending[place.Slot];
        PendingChunk[] pending = [.. before.Pending[..place.Slot], .. before.Pending[(place.Slot + 1)..]];
        for (int i = place.Slot; i < pending.Length; i++)
            PlaceOf(pending[i].Chunk) = new Place(null, i);
        _snapshot = new IndexSnapshot(before.Segments, pending, before.Chunks - 1, before.TotalLength - gone.Terms.Total);
        return true;
    }

    /// <summary>Writes the segment with the most dead chunks anew without them, if a quarter of it is dead. For the writer, when it is idle; up to about 0.1 s.</summary>
    /// <returns>True when another step may find something to do.</returns>
    internal bool CompactStep()
    {
        Segment? worst = _snapshot.Segments.Where(static segment => segment.DeadCount * 4 >= segment.Count).MaxBy(static segment => segment.DeadCount);
        if (worst is null)
            return false;
        Replace([worst]);
        MergeWhatIsDue();
        return true;
    }

    private void Seal()
    {
        IndexSnapshot before = _snapshot;
        Segment segment = SegmentBuilder.Build(before.Pending);
        Settle(segment);
        _snapshot = before with { Segments = [.. before.Segments, segment], Pending = [] };
        MergeWhatIsDue();
    }

    /// <summary>Eight segments of one size class become one of the next, up to the largest size.</summary>
    private void MergeWhatIsDue()
    {
        while (true)
        {
            Segment[]? due = _snapshot.Segments
                .GroupBy(SizeClass)
                .OrderBy(static group => group.Key)
                .Select(static group => Fitting(group))
                .FirstOrDefault(static group => group.Length >= MergeFanout);
            if (due is null)
                return;
            Replace(due);
        }
    }

    private static int SizeClass(Segment segment)
    {
        int size = 0;
        for (int living = segment.Count - segment.DeadCount; living >= SealAt * MergeFanout; living /= MergeFanout)
            size++;
        return size;
    }

    private static Segment[] Fitting(IEnumerable<Segment> group)
    {
        List<Segment> chosen = [];
        int living = 0;
        foreach (Segment segment in group.OrderBy(static segment => segment.Count - segment.DeadCount))
        {
            living += segment.Count - segment.DeadCount;
            if (living > Segment.MaxChunks)
                break;
            chosen.Add(segment);
        }

        return [.. chosen];
    }

    private void Replace(Segment[] old)
    {
        Segment merged = SegmentMerge.Merge(old);
        Segment[] kept = [.. _snapshot.Segments.Except(old)];
        Settle(merged);
        _snapshot = _snapshot with { Segments = merged.Count == 0 ? kept : [.. kept, merged] };
    }

    private void Settle(Segment segment)
    {
        for (int slot = 0; slot < segment.Count; slot++)
            PlaceOf(segment.Labels[slot]) = new Place(segment, slot);
    }

    private ref Place PlaceOf(uint chunk)
    {
        if (chunk >= _places.Length)
            Array.Resize(ref _places, (int)Math.Max(chunk + 1L, Math.Min(Array.MaxLength, _places.Length * 3L / 2)));
        return ref _places[chunk];
    }

    /// <summary>Where a chunk is; the slot is kept one higher, so that nothing is nowhere.</summary>
    private readonly struct Place(Segment? segment, int slot)
    {
        private readonly int _slotPlusOne = slot + 1;

        internal Segment? Segment { get; } = segment;

        internal int Slot => _slotPlusOne - 1;

        internal bool IsNowhere => _slotPlusOne == 0;
    }
}

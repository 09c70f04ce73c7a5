namespace ClawFS.Search.Lexical;

/// <summary>The k best chunks so far: a heap with the worst on top. Of equal scores the lower number is better.</summary>
/// <param name="room">As many as are wanted.</param>
internal ref struct BestChunks(Span<ScoredChunk> room)
{
    private readonly Span<ScoredChunk> _heap = room;

    internal int Count { get; private set; }

    /// <summary>What a score must reach to be looked at; 0 while there is room.</summary>
    internal readonly float Threshold => Count < _heap.Length ? 0 : _heap.Length == 0 ? float.PositiveInfinity : _heap[0].Score;

    internal void Offer(ScoredChunk chunk)
    {
        if (Count < _heap.Length)
        {
            _heap[Count++] = chunk;
            Rise(Count - 1);
        }
        else if (Count > 0 && IsWorse(_heap[0], chunk))
        {
            _heap[0] = chunk;
            Sink(0, Count);
        }
    }

    /// <summary>Puts the best first. Nothing may be offered afterwards.</summary>
    internal readonly void Sort()
    {
        for (int last = Count - 1; last > 0; last--)
        {
            (_heap[0], _heap[last]) = (_heap[last], _heap[0]);
            Sink(0, last);
        }
    }

    private static bool IsWorse(ScoredChunk one, ScoredChunk other) => one.Score < other.Score || (one.Score == other.Score && one.Chunk > other.Chunk);

    private readonly void Rise(int at)
    {
        while (at > 0 && IsWorse(_heap[at], _heap[(at - 1) / 2]))
        {
            (_heap[at], _heap[(at - 1) / 2]) = (_heap[(at - 1) / 2], _heap[at]);
            at = (at - 1) / 2;
        }
    }

    private readonly void Sink(int at, int count)
    {
        for (int child = (2 * at) + 1; child < count; child = (2 * at) + 1)
        {
            if (child + 1 < count && IsWorse(_heap[child + 1], _heap[child]))
                child++;
            if (!IsWorse(_heap[child], _heap[at]))
                return;
            (_heap[at], _heap[child]) = (_heap[child], _heap[at]);
            at = child;
        }
    }
}

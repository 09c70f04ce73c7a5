namespace ClawFS.Search.Lexical;

/// <summary>
/// The postings of some chunks, term by term: written once, then only chunks die. Three bytes a posting (slot, occurrences), eight a term, seven a chunk.
/// Any thread may read while the writer marks chunks dead.
/// </summary>
internal sealed class Segment
{
    /// <summary>The most chunks of a segment: the sums of a search over it stay in the second-level cache.</summary>
    internal const int MaxChunks = 32768;

    private readonly ulong[] _dead;
    private volatile int _deadCount;

    /// <param name="labels">The chunk of each slot.</param>
    /// <param name="lengths">The length of each slot's chunk in terms.</param>
    /// <param name="terms">The terms that occur, ascending.</param>
    /// <param name="starts">Where each term's postings begin, and one more: where the last one's end.</param>
    /// <param name="slots">The postings' slots, ascending within a term.</param>
    /// <param name="frequencies">The postings' occurrences.</param>
    internal Segment(uint[] labels, ushort[] lengths, int[] terms, int[] starts, ushort[] slots, byte[] frequencies)
    {
        (Labels, Lengths, Terms, Starts, Slots, Frequencies) = (labels, lengths, terms, starts, slots, frequencies);
        _dead = new ulong[(labels.Length + 63) / 64];
    }

    internal uint[] Labels { get; }

    internal ushort[] Lengths { get; }

    internal int[] Terms { get; }

    internal int[] Starts { get; }

    internal ushort[] Slots { get; }

    internal byte[] Frequencies { get; }

    /// <summary>Chunks, dead ones included.</summary>
    internal int Count => Labels.Length;

    /// <summary>Chunks that have been removed.</summary>
    internal int DeadCount => _deadCount;

    /// <summary>Bytes of memory held.</summary>
    internal long MemoryBytes => (Labels.Length * 6L) + (Terms.Length * 8L) + (Slots.Length * 3L) + (_dead.Length * 8L) + 200;

    internal bool IsDead(int slot) => (Volatile.Read(ref _dead[slot >> 6]) >> (slot & 63) & 1) != 0;

    /// <summary>For the writer alone.</summary>
    internal void Kill(int slot)
    {
        Volatile.Write(ref _dead[slot >> 6], _dead[slot >> 6] | (1UL << (slot & 63)));
        _deadCount++;
    }

    /// <summary>The postings of a term, as a range of <see cref="Slots"/> and <see cref="Frequencies"/>; an empty one when it does not occur.</summary>
    internal (int Start, int End) Find(int term)
    {
        int at = Array.BinarySearch(Terms, term);
        return at < 0 ? (0, 0) : (Starts[at], Starts[at + 1]);
    }

    /// <summary>How many living chunks have a term, given its postings.</summary>
    internal int CountLiving(int start, int end)
    {
        if (_deadCount == 0)
            return end - start;
        int count = 0;
        foreach (ushort slot in Slots.AsSpan(start, end - start))
            count += IsDead(slot) ? 0 : 1;
        return count;
    }
}

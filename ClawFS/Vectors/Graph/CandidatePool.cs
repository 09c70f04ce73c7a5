namespace ClawFS.Vectors.Graph;

/// <summary>
/// The best candidates of a walk in ascending order, one word each: the distance's order-preserving bits above, the slot shifted by two below, then two marks. An integer
/// comparison orders them, ties by slot. Hidden candidates (removed, or not let through by the filter) are walked through but do not count towards the width.
/// </summary>
internal unsafe struct CandidatePool(ulong* entries, int capacity, int width)
{
    /// <summary>The candidate's links have been looked at.</summary>
    public const ulong Expanded = 1;

    /// <summary>The candidate is no result.</summary>
    public const ulong Hidden = 2;

    private readonly ulong* entries = entries;
    private int hidden;

    /// <summary>Candidates held.</summary>
    public int Size { get; private set; }

    /// <summary>Candidates that are results.</summary>
    public readonly int Results => Size - hidden;

    /// <summary>A hidden candidate had to be left out: the walk may miss results.</summary>
    public bool Overflown { get; private set; }

    /// <summary>The candidates.</summary>
    public readonly ulong* Entries => entries;

    /// <summary>What a key must be below to get in.</summary>
    public readonly uint Bound => Size - hidden < width ? uint.MaxValue : (uint)(entries[Size - 1] >> 32);

    /// <summary>The slot in an entry.</summary>
    public static uint Slot(ulong entry) => (uint)entry >> 2;

    /// <summary>The distance's bits in an entry.</summary>
    public static uint Key(ulong entry) => (uint)(entry >> 32);

    /// <summary>An entry.</summary>
    public static ulong Entry(uint key, uint slot, ulong marks) => ((ulong)key << 32) | (slot << 2) | marks;

    /// <summary>Puts an entry in its place, and lets what is past the width fall off the end.</summary>
    /// <returns>Its place.</returns>
    public int Insert(ulong entry)
    {
        int low = 0, length = Size;
        while (length > 0)
        {
            int half = length >> 1;
            bool after = entries[low + half] < entry;
            low = after ? low + half + 1 : low;
            length = after ? length - half - 1 : half;
        }

        if (Size == capacity)
        {
            Drop();
            Overflown = true;
            if (low > Size)
                return Size;
        }

        long tail = (long)(Size - low) * sizeof(ulong);
        Buffer.MemoryCopy(entries + low, entries + low + 1, tail, tail);
        entries[low] = entry;
        Size++;
        hidden += (int)(entry >> 1) & 1;
        while (Size - hidden > width || (Size - hidden == width && (entries[Size - 1] & Hidden) != 0))
            Drop();
        return low;
    }

    /// <summary>The same without hidden entries, which the caller knows there are none of.</summary>
    public int InsertResult(ulong entry)
    {
        int low = 0, length = Size;
        while (length > 0)
        {
            int half = length >> 1;
            bool after = entries[low + half] < entry;
            low = after ? low + half + 1 : low;
            length = after ? length - half - 1 : half;
        }

        int kept = Size < width ? Size++ : width - 1;
        long tail = (long)(kept - low) * sizeof(ulong);
        Buffer.MemoryCopy(entries + low, entries + low + 1, tail, tail);
        entries[low] = entry;
        return low;
    }

    private void Drop()
    {
        Size--;
        hidden -= (int)(entries[Size] >> 1) & 1;
    }
}

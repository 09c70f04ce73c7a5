using ClawFS.Vectors.Graph;

namespace ClawFS.Vectors.Memory;

/// <summary>
/// Everything the index holds for its slots, column by column. Slot 0 is never used: 0 in a row of links means "no more". Columns do not move, so that readers need no lock;
/// a slot is given out and taken back under the lock of <see cref="HnswIndex"/>'s writers.
/// </summary>
internal sealed unsafe class SlotTable : IDisposable
{
    /// <summary>Slots an index can grow to, 2^26; a slot number leaves 2 bits of a word free, for the marks of <see cref="CandidatePool"/>.</summary>
    public const int MostSlots = 1 << 26;

    /// <summary>Levels above the lowest.</summary>
    public const int MostLevels = 15;

    private readonly Column labels = new(sizeof(uint), false);
    private readonly Column states = new(1, false);
    private readonly Column levels = new(1, false);
    private readonly Column upper = new(sizeof(uint), false);
    private readonly Column dirty = new(sizeof(ulong), false, (MostSlots / 64) + 1);
    private readonly Column dirtyCodes = new(sizeof(ulong), false, (MostSlots / 64) + 1);
    private readonly Column links;
    private readonly Column upperLinks;
    private readonly Column? floats;
    // The lowest is given out first: what is left after many removals moves together.
    private readonly PriorityQueue<uint, uint> free = new();
    private readonly Stack<uint>[] freeUpper = new Stack<uint>[MostLevels + 1];
    private uint upperUsed = 1;
    private long capacity;
    private uint used;
    private uint linkable = uint.MaxValue;

    public SlotTable(HnswOptions options)
    {
        M = options.M;
        M0 = 2 * options.M;
        Dimensions = options.Dimensions;
        FloatStride = (options.Dimensions + 15) & ~15;
        CodeStride = (options.Dimensions + 63) & ~63;
        LinkStride = (M0 + 15) & ~15;
        UpperStride = (M + 15) & ~15;
        links = new Column(LinkStride * sizeof(uint), true);
        upperLinks = new Column(UpperStride * sizeof(uint), true);
        if (options.Kept != VectorStorage.Compact)
            floats = new Column(FloatStride * sizeof(float), true);
        if (options.Kept != VectorStorage.FloatsOnly)
            Codes = new CodeTable(CodeStride, 0);
        for (int i = 0; i < freeUpper.Length; i++)
            freeUpper[i] = new Stack<uint>();
        GrowTo(0);
    }

    /// <summary>Links of a node above the lowest level.</summary>
    public int M { get; }

    /// <summary>Links of a node on the lowest level.</summary>
    public int M0 { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Floats from one row to the next.</summary>
    public int FloatStride { get; }

    /// <summary>Bytes from one row of codes to the next.</summary>
    public int CodeStride { get; }

    /// <summary>Words from one row of lowest-level links to the next: whole cache lines.</summary>
    public int LinkStride { get; }

    /// <summary>Words from one level's links of a node to the next level's.</summary>
    public int UpperStride { get; }

    /// <summary>The codes; null when only floats are kept. Replaced as a whole when the scale changes.</summary>
    public CodeTable? Codes { get; set; }

    /// <summary>Slots ever given out are 1..Used.</summary>
    public uint Used
    {
        get => Volatile.Read(ref used);
        private set => Volatile.Write(ref used, value);
    }

    /// <summary>
    /// No new link leads to a slot above this one: those up there are being moved down. A new link to one would be wasted, and keep away links to where its vector will be.
    /// </summary>
    public uint Linkable
    {
        get => Volatile.Read(ref linkable);
        set => Volatile.Write(ref linkable, value);
    }

    /// <summary>Slots that wait for reuse.</summary>
    public int FreeSlots => free.Count;

    public uint* Labels => (uint*)labels.Address;

    public byte* States => states.Address;

    public byte* Levels => levels.Address;

    /// <summary>The row of floats of a slot. Not for <see cref="VectorStorage.Compact"/>.</summary>
    public float* Floats => (float*)floats!.Address;

    public bool HasFloats => floats is not null;

    /// <summary>The row of links of a slot on one level; the caller knows that the slot reaches that level.</summary>
    public uint* Row(uint slot, int level) => level == 0
        ? (uint*)links.Address + ((long)slot * LinkStride)
        : (uint*)upperLinks.Address + ((((uint*)upper.Address)[slot] + (long)level - 1) * UpperStride);

    /// <summary>The most links that row holds.</summary>
    public int Room(int level) => level == 0 ? M0 : M;

    /// <summary>Takes a slot, its rows of links empty.</summary>
    /// <exception cref="OutOfMemoryException">No memory, or 2^26 slots are in use.</exception>
    public uint Take(int level)
    {
        if (!free.TryPeek(out uint slot, out _))
        {
            slot = Used + 1;
            if (slot >= MostSlots)
                throw new OutOfMemoryException($"The index is full: {MostSlots} slots.");
            GrowTo(slot);
        }

        uint block = TakeUpper(level);
        if (slot > Used)
            Used = slot;
        else
            free.Dequeue();
        ((uint*)upper.Address)[slot] = block;
        Levels[slot] = (byte)level;
        return slot;
    }

    /// <summary>Makes a slot of this number usable, with all before it; for loading.</summary>
    public void TakeAt(uint slot, int level)
    {
        GrowTo(slot);
        Used = Math.Max(Used, slot);
        ((uint*)upper.Address)[slot] = TakeUpper(level);
        Levels[slot] = (byte)level;
    }

    /// <summary>Gives back a slot that nothing leads to.</summary>
    public void Release(uint slot)
    {
        Clear(slot);
        free.Enqueue(slot, slot);
    }

    /// <summary>Empties a slot without offering it for reuse; for loading, which collects the free ones at its end.</summary>
    public void Clear(uint slot)
    {
        int level = Levels[slot];
        new Span<uint>(Row(slot, 0), LinkStride).Clear();
        if (level > 0)
        {
            freeUpper[level].Push(((uint*)upper.Address)[slot]);
            ((uint*)upper.Address)[slot] = 0;
        }

        Levels[slot] = 0;
        Volatile.Write(ref States[slot], SlotState.Free);
    }

    /// <summary>Lists every free slot below <see cref="Used"/>; for loading.</summary>
    public void CollectFree()
    {
        for (uint slot = Used; slot > 0; slot--)
        {
            if (States[slot] == SlotState.Free)
                free.Enqueue(slot, slot);
        }
    }

    /// <summary>Notes that a slot's state or links changed since they were last saved.</summary>
    public void MarkDirty(uint slot) => Interlocked.Or(ref ((ulong*)dirty.Address)[slot >> 6], 1UL << (int)(slot & 63));

    /// <summary>Notes that a slot's codes changed too.</summary>
    public void MarkCodesDirty(uint slot) => Interlocked.Or(ref ((ulong*)dirtyCodes.Address)[slot >> 6], 1UL << (int)(slot & 63));

    /// <summary>Puts marks of 64 slots back.</summary>
    public void MarkDirty(uint word, ulong linksOf, ulong codesOf)
    {
        Interlocked.Or(ref ((ulong*)dirty.Address)[word], linksOf);
        Interlocked.Or(ref ((ulong*)dirtyCodes.Address)[word], codesOf);
    }

    /// <summary>Whether any of 64 slots has a mark.</summary>
    public bool IsDirty(uint word) => (Volatile.Read(ref ((ulong*)dirty.Address)[word]) | Volatile.Read(ref ((ulong*)dirtyCodes.Address)[word])) != 0;

    /// <summary>Takes the marks of 64 slots, from 64 x <paramref name="word"/> on.</summary>
    public ulong TakeDirty(uint word) => Interlocked.Exchange(ref ((ulong*)dirty.Address)[word], 0);

    /// <summary>Takes the marks of changed codes.</summary>
    public ulong TakeDirtyCodes(uint word) => Interlocked.Exchange(ref ((ulong*)dirtyCodes.Address)[word], 0);

    /// <summary>Bytes of native memory in use.</summary>
    public long MemoryBytes
    {
        get
        {
            long slots = Used + 1L;
            return labels.Bytes(slots) + states.Bytes(slots) + levels.Bytes(slots) + upper.Bytes(slots) + dirty.Bytes((slots / 32) + 1) + links.Bytes(slots)
                + upperLinks.Bytes(upperUsed) + (floats?.Bytes(slots) ?? 0) + (Codes?.Column.Bytes(slots) ?? 0);
        }
    }

    public void Dispose()
    {
        foreach (Column? column in (Column?[])[labels, states, levels, upper, dirty, dirtyCodes, links, upperLinks, floats, Codes?.Column])
            column?.Dispose();
    }

    /// <summary>Makes the rows of all slots up to this one usable. One thread at a time.</summary>
    /// <exception cref="OutOfMemoryException">No memory.</exception>
    public void GrowTo(uint slot)
    {
        if (slot < capacity)
            return;
        long rows = Math.Min(MostSlots, Math.Max(slot + 1L, capacity + Math.Max(1024L, capacity / 8)));
        foreach (Column? column in (Column?[])[labels, states, levels, upper, links, floats, Codes?.Column])
            column?.Grow(rows);
        dirty.Grow((rows / 64) + 1);
        dirtyCodes.Grow((rows / 64) + 1);
        capacity = rows;
    }

    private uint TakeUpper(int level)
    {
        if (level == 0)
            return 0;
        if (freeUpper[level].TryPop(out uint block))
        {
            new Span<uint>((uint*)upperLinks.Address + ((long)block * UpperStride), level * UpperStride).Clear();
            return block;
        }

        upperLinks.Grow(upperUsed + level);
        block = upperUsed;
        upperUsed += (uint)level;
        return block;
    }
}

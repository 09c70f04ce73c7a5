using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>
/// The links between slots (HNSW: Malkov and Yashunin, arXiv 1603.09320) and the walks along them. Readers take no lock: a row of links is a list of words that ends at its first 0, each
/// word is written whole, and whatever mix of an old and a new row a reader meets leads to slots that are there as long as its walk lasts (<see cref="WalkEpochs"/>).
/// </summary>
/// <remarks>Lock order: the lock of the entry point, then one row lock; never two row locks.</remarks>
internal abstract unsafe class LinkGraph(SlotTable slots, int efConstruction)
{
    private protected readonly SlotTable Slots = slots;
    private protected readonly RowLocks Rows = new();
    private protected readonly int EfConstruction = efConstruction;
    private protected readonly Lock EntryLock = new();
    private ulong entry;

    /// <summary>The slot in which walks begin, 0 when the graph is empty, and the highest level, which it reaches.</summary>
    public (uint Slot, int Level) Entry
    {
        get
        {
            ulong packed = Volatile.Read(ref entry);
            return ((uint)packed, (int)(packed >> 32));
        }
        protected set => Volatile.Write(ref entry, ((ulong)value.Level << 32) | value.Slot);
    }

    /// <summary>Makes a graph for what the index keeps.</summary>
    public static LinkGraph For(HnswOptions options, SlotTable slots) => (options.Kept, options.Metric) switch
    {
        (VectorStorage.FloatsOnly, Metric.L2) => new LinkGraph<FloatL2>(slots, options.EfConstruction),
        (VectorStorage.FloatsOnly, _) => new LinkGraph<FloatDot>(slots, options.EfConstruction),
        (_, Metric.L2) => new LinkGraph<CodeL2>(slots, options.EfConstruction),
        _ => new LinkGraph<CodeDot>(slots, options.EfConstruction),
    };

    /// <summary>Links a slot in. Its vector, level and state are in place.</summary>
    public abstract void Insert(SearchContext context, uint slot);

    /// <summary>Looks for the neighbours of a slot that is linked already, and adds links both ways where there is room.</summary>
    public abstract void Relink(SearchContext context, uint slot);

    /// <summary>Walks towards the query in the context.</summary>
    /// <param name="context">With the query.</param>
    /// <param name="width">Results that are kept on the way.</param>
    /// <param name="filter">Labels that count as results, or null for all.</param>
    /// <param name="allLive">The caller saw no slot that is not live: states are not looked at.</param>
    /// <param name="budget">Distances after which the walk gives up.</param>
    /// <param name="found">The candidates, best first, among them hidden ones.</param>
    /// <returns>False when the walk gave up.</returns>
    public abstract bool Walk(SearchContext context, int width, LabelBitmap? filter, bool allLive, long budget, out CandidatePool found);

    /// <summary>Measures every live slot that the filter lets through.</summary>
    public abstract CandidatePool Scan(SearchContext context, int width, LabelBitmap? filter, LabelMap labels);

    /// <summary>Replaces links of a slot that lead to condemned slots by links to what lies behind them.</summary>
    /// <returns>Whether there were any.</returns>
    public abstract bool Heal(SearchContext context, uint slot, ulong[] condemned);

    /// <summary>Sets the entry point, when nothing else runs.</summary>
    public void SetEntry(uint slot, int level) => Entry = (slot, level);

    /// <summary>Moves the entry point if it is condemned.</summary>
    /// <param name="condemned">One bit a slot.</param>
    /// <param name="choose">Finds the slot to take, 0 for none.</param>
    public void LeaveEntry(ulong[] condemned, Func<uint> choose)
    {
        lock (EntryLock)
        {
            uint slot = Entry.Slot;
            if (slot >> 6 >= condemned.Length || ((condemned[slot >> 6] >> (int)(slot & 63)) & 1) == 0)
                return;
            uint other = choose();
            Entry = other == 0 ? (0, 0) : (other, Slots.Levels[other]);
        }
    }
}

using ClawFS.Vectors.Graph;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors;

/// <summary>
/// A graph index for nearest neighbours. Any number of threads search while others add, remove and repair; a search takes no lock and, once warm, allocates nothing.
/// A removed label is not returned by a search that ends after <see cref="Remove"/> has; a label is never returned twice.
/// </summary>
/// <remarks>
/// Lock order: the gate (shared by writers, alone for a new scale), the lock of slots and labels, then those of <see cref="LinkGraph"/>. Labels want to be dense: the map takes 4 bytes
/// for each up to the highest, in pages. Sources: arXiv 1603.09320 for the graph; docs/index-format.md for what is saved.
/// </remarks>
public sealed unsafe partial class HnswIndex : IDisposable
{
    private readonly HnswOptions options;
    private readonly VectorSource? source;
    private readonly SlotTable slots;
    private readonly LabelMap labels = new();
    private readonly LinkGraph graph;
    private readonly WalkEpochs epochs;
    private readonly double levelScale;
    private readonly Lock slotLock = new();
    private readonly ReaderWriterLockSlim gate = new();
    private ulong inserts;
    private int live;
    private int unfit;
    private int dead;
    private long replacements;
    private long removals;

    /// <summary>Makes an empty index.</summary>
    /// <param name="options">Its shape.</param>
    /// <param name="source">Reads full vectors; needed for <see cref="VectorStorage.Compact"/>, and for no other.</param>
    /// <exception cref="ArgumentException">Compact without a source, or a source that would not be asked.</exception>
    public HnswIndex(HnswOptions options, VectorSource? source = null)
    {
        if ((options.Storage == VectorStorage.Compact) != (source is not null))
            throw new ArgumentException("A compact index needs a source of vectors; others have no use for one.", nameof(source));
        this.options = options;
        this.source = options.Kept == VectorStorage.Compact ? source : null;
        slots = new SlotTable(options);
        epochs = new WalkEpochs(slots);
        graph = LinkGraph.For(options, slots);
        levelScale = 1 / Math.Log(options.M);
        scale = new CodeScale(options.Dimensions);
    }

    /// <summary>Its shape.</summary>
    public HnswOptions Options => options;

    /// <summary>Labels that a search can find.</summary>
    public int Count => Volatile.Read(ref live);

    /// <summary>Bytes of native memory in use: vectors, codes, links, maps and the contexts of searches.</summary>
    public long MemoryBytes => slots.MemoryBytes + Math.Min(labels.Known * sizeof(uint), 4096L * (Count + 1)) + epochs.MemoryBytes;

    /// <summary>Whether a label can be found.</summary>
    public bool Contains(uint label) => labels.Slot(label) != 0;

    /// <summary>Adds a vector, or replaces the one of the label: from then on, and in one step, searches find the new one. Other threads may add, remove and search meanwhile.</summary>
    /// <param name="label">Its name; small numbers without large gaps take the least memory.</param>
    /// <param name="vector">As many finite floats as the index has dimensions.</param>
    /// <exception cref="ArgumentException">Another length, or a component that is not finite.</exception>
    /// <exception cref="OutOfMemoryException">No memory; the index is as before.</exception>
    public void Add(uint label, ReadOnlySpan<float> vector)
    {
        Check(vector);
        gate.EnterReadLock();
        SearchContext context = epochs.Begin();
        try
        {
            context.Codes = slots.Codes;
            Insert(context, label, vector);
        }
        finally
        {
            context.End();
            gate.ExitReadLock();
        }

        Recalibrate();
    }

    /// <summary>Removes a label at once. Its slot is walked through until <see cref="Repair"/> takes it back.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(uint label)
    {
        lock (slotLock)
        {
            uint slot = labels.Slot(label);
            if (slot == 0)
                return false;
            labels.Set(label, 0);
            Bury(slot);
            live--;
            removals++;
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        epochs.Dispose();
        foreach ((CodeTable table, _) in retiredCodes)
            table.Column.Dispose();
        slots.Dispose();
        labels.Dispose();
        gate.Dispose();
    }

    /// <param name="context">Of this thread.</param>
    /// <param name="label">The label.</param>
    /// <param name="vector">Its vector.</param>
    /// <param name="instead">0, or the slot that the label must still have at the end: it was removed or replaced meanwhile otherwise, and that holds.</param>
    private void Insert(SearchContext context, uint label, ReadOnlySpan<float> vector, uint instead = 0)
    {
        Fill(context, vector);
        uint slot;
        lock (slotLock)
        {
            slot = slots.Take(Level(inserts++));
            if (slot > slots.Linkable)
                slots.Linkable = uint.MaxValue;
            slots.Labels[slot] = label;
            Volatile.Write(ref slots.States[slot], SlotState.Pending);
            unfit++;
            scale.Observe(new ReadOnlySpan<float>(context.Query, options.Dimensions));
            if (slots.Codes is { Scale: 0 } unscaled)
                unscaled.Begin(scale.Measure());
        }

        if (slots.HasFloats)
            new ReadOnlySpan<float>(context.Query, slots.FloatStride).CopyTo(new Span<float>(slots.Floats + ((long)slot * slots.FloatStride), slots.FloatStride));
        if (slots.Codes is { } codes)
        {
            CodeTable.Encode(new ReadOnlySpan<float>(context.Query, options.Dimensions), codes.Scale, codes.Address + ((long)slot * slots.CodeStride));
            slots.MarkCodesDirty(slot);
        }

        graph.Insert(context, slot);
        lock (slotLock)
        {
            uint old = labels.Slot(label);
            if (instead != 0 && old != instead)
            {
                unfit--;
                Bury(slot);
                return;
            }

            if (old != 0)
                Interlocked.Increment(ref replacements);
            labels.Set(label, slot);
            Volatile.Write(ref slots.States[slot], SlotState.Live);
            slots.MarkDirty(slot);
            unfit--;
            live++;
            if (old != 0)
            {
                Bury(old);
                live--;
            }
        }
    }

    /// <summary>The caller holds the lock of slots.</summary>
    private void Bury(uint slot)
    {
        unfit++;
        dead++;
        Volatile.Write(ref slots.States[slot], SlotState.Dead);
        slots.MarkDirty(slot);
    }

    /// <summary>Copies a vector into the context, unit length where the metric asks for it, zeros behind it.</summary>
    private void Fill(SearchContext context, ReadOnlySpan<float> vector)
    {
        Span<float> into = new(context.Query, slots.FloatStride);
        vector.CopyTo(into);
        into[vector.Length..].Clear();
        if (options.Metric == Metric.Cosine)
            UnitLength.Scale(into);
    }

    private void Check(ReadOnlySpan<float> vector)
    {
        if (vector.Length != options.Dimensions)
            throw new ArgumentException($"The index has {options.Dimensions} dimensions, the vector has {vector.Length}.", nameof(vector));
        if (!UnitLength.IsFinite(vector))
            throw new ArgumentException("A component of the vector is not a finite number, or its length is out of range.", nameof(vector));
    }

    /// <summary>Levels fall off geometrically; drawn from the seed and the insert's number, so that threads do not change them.</summary>
    private int Level(ulong number)
    {
        ulong x = options.Seed + (number * 0x9E3779B97F4A7C15) + 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        x ^= x >> 31;
        double uniform = ((x >> 11) + 1) * (1.0 / (1UL << 53));
        return Math.Min((int)(-Math.Log(uniform) * levelScale), SlotTable.MostLevels);
    }
}

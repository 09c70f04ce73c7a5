using ClawFS.Linux;
using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>What one walk needs: the query in every form, the visited marks, the candidates. One thread at a time has it; kept for the next, so that searches allocate nothing.</summary>
internal sealed unsafe class SearchContext : IDisposable
{
    private const long MostCandidates = 1L << 27;
    private const int MostBehind = 256;
    private readonly ReservedMemory fixedPart;
    private readonly ReservedMemory visited = new(SlotTable.MostSlots / 8, hugePages: false);
    private readonly ReservedMemory pool = new(MostCandidates * sizeof(ulong), hugePages: false);
    private readonly ReservedMemory best = new(MostCandidates * sizeof(ulong), hugePages: false);
    private readonly ReservedMemory reread;
    private readonly int dimensions;
    private readonly uint* behind;
    private PaddedLong walking;
    private int taken;

    public SearchContext(SlotTable slots)
    {
        dimensions = slots.Dimensions;
        int floats = slots.FloatStride * sizeof(float);
        int batch = slots.M0 * sizeof(uint);
        int sorted = (slots.M0 + 1) * sizeof(ulong);
        fixedPart = new ReservedMemory((2 * floats) + (3 * slots.CodeStride) + (3 * batch) + (MostBehind * sizeof(uint)) + sorted + 1024, hugePages: false);
        fixedPart.Commit(fixedPart.Most);
        byte* next = fixedPart.Address;
        Query = (float*)Next(ref next, floats);
        Row = (float*)Next(ref next, floats);
        Code = (sbyte*)Next(ref next, slots.CodeStride);
        Magnitudes = Next(ref next, slots.CodeStride);
        Signs = Next(ref next, slots.CodeStride);
        Batch = (uint*)Next(ref next, batch);
        Chosen = (uint*)Next(ref next, batch);
        Kept = (uint*)Next(ref next, batch);
        behind = (uint*)Next(ref next, MostBehind * sizeof(uint));
        Sorted = (ulong*)Next(ref next, sorted);
        reread = new ReservedMemory((long)MostReread * ((dimensions * sizeof(float)) + sizeof(uint)), hugePages: false);
    }

    /// <summary>Vectors that one search reads again from a <see cref="VectorSource"/>, at most.</summary>
    public const int MostReread = 4096;

    /// <summary>The query, padded with zeros.</summary>
    public float* Query { get; }

    /// <summary>The query's codes, padded with zeros.</summary>
    public sbyte* Code { get; }

    /// <summary>Room for the parts of a <see cref="Kernels.QueryCode"/>.</summary>
    public byte* Magnitudes { get; }

    public byte* Signs { get; }

    /// <summary>Room for the links of one row.</summary>
    public uint* Batch { get; }

    /// <summary>Room for the links chosen for one row.</summary>
    public uint* Chosen { get; }

    /// <summary>Room for the links that stay in a row under repair.</summary>
    public uint* Kept { get; }

    /// <summary>Room for removed slots that a repair looks behind.</summary>
    public Span<uint> Behind => new(behind, MostBehind);

    /// <summary>The first links that stay.</summary>
    public ReadOnlySpan<uint> KeptLinks(int count) => new(Kept, count);

    /// <summary>Room for the entries of one row and one more.</summary>
    public ulong* Sorted { get; }

    /// <summary>Marks of visited slots, one bit each.</summary>
    public ulong* Visited => (ulong*)visited.Address;

    /// <summary>The codes that this walk uses from beginning to end; null when only floats are kept.</summary>
    public CodeTable? Codes { get; set; }

    /// <summary>What the query's components were multiplied with to get its codes.</summary>
    public float CodeScale { get; set; }

    /// <summary>Room for one vector that was read again, padded with zeros.</summary>
    public float* Row { get; }

    /// <summary>The epoch in which the walk began, 0 when there is none.</summary>
    public long Walking => Volatile.Read(ref walking.Value);

    /// <summary>Takes the context, if nobody has it.</summary>
    public bool TryTake() => Volatile.Read(ref taken) == 0 && Interlocked.CompareExchange(ref taken, 1, 0) == 0;

    /// <summary>Announces a walk. A full fence: what the walk then reads is not older than the epoch.</summary>
    public void Begin(long epoch) => Interlocked.Exchange(ref walking.Value, epoch);

    /// <summary>Ends the walk and gives the context back.</summary>
    public void End()
    {
        Volatile.Write(ref walking.Value, 0);
        Volatile.Write(ref taken, 0);
    }

    /// <summary>Clears the visited marks of the slots below a number.</summary>
    public void ForgetVisited(uint slots)
    {
        long words = (slots >> 6) + 1L;
        visited.Commit(words * sizeof(ulong));
        new Span<ulong>(visited.Address, (int)words).Clear();
    }

    /// <summary>Room for candidates.</summary>
    public ulong* Candidates(int count)
    {
        pool.Commit((count + 1L) * sizeof(ulong));
        return (ulong*)pool.Address;
    }

    /// <summary>Room for the best of the candidates.</summary>
    public ulong* Best(int count)
    {
        best.Commit((count + 1L) * sizeof(ulong));
        return (ulong*)best.Address;
    }

    /// <summary>Room for labels and vectors that are read again.</summary>
    public void Reread(int count, out Span<uint> labels, out Span<float> rows)
    {
        reread.Commit(reread.Most);
        labels = new Span<uint>(reread.Address, count);
        rows = new Span<float>(reread.Address + (MostReread * sizeof(uint)), count * dimensions);
    }

    public void Dispose()
    {
        fixedPart.Dispose();
        visited.Dispose();
        pool.Dispose();
        best.Dispose();
        reread.Dispose();
    }

    private static byte* Next(ref byte* at, int bytes)
    {
        byte* here = at;
        at += (bytes + 63) & ~63;
        return here;
    }
}

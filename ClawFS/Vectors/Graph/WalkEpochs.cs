using ClawFS.Vectors.Memory;

namespace ClawFS.Vectors.Graph;

/// <summary>
/// Lends contexts to walks, and tells when all walks that began before a moment have ended: only then may a slot that nothing leads to any more be given out again. Walks take no
/// lock; they announce the epoch in which they began.
/// </summary>
internal sealed class WalkEpochs(SlotTable slots) : IDisposable
{
    private const int MostWalks = 256;
    private readonly SearchContext?[] contexts = new SearchContext?[MostWalks];
    private long epoch = 1;
    private volatile bool closed;

    /// <summary>Begins a walk. Waits only while 256 others are under way.</summary>
    /// <exception cref="ObjectDisposedException">The index is disposed.</exception>
    public SearchContext Begin()
    {
        SpinWait wait = default;
        int first = Environment.CurrentManagedThreadId;
        while (true)
        {
            for (int i = 0; i < MostWalks; i++)
            {
                ref SearchContext? place = ref contexts[(first + i) % MostWalks];
                SearchContext? context = Volatile.Read(ref place);
                if (context is null)
                    context = Make(ref place);
                if (!context.TryTake())
                    continue;
                context.Begin(Volatile.Read(ref epoch));
                if (closed)
                {
                    context.End();
                    throw new ObjectDisposedException(nameof(HnswIndex));
                }

                return context;
            }

            wait.SpinOnce();
        }
    }

    /// <summary>Opens a new epoch.</summary>
    /// <returns>Its number, for <see cref="AllSince"/>.</returns>
    public long Advance() => Interlocked.Increment(ref epoch);

    /// <summary>Whether every walk under way began in this epoch or later.</summary>
    public bool AllSince(long number)
    {
        foreach (ref SearchContext? place in contexts.AsSpan())
        {
            long walking = Volatile.Read(ref place)?.Walking ?? 0;
            if (walking != 0 && walking < number)
                return false;
        }

        return true;
    }

    /// <summary>Bytes of the contexts in use now or before, for this many slots.</summary>
    public long MemoryBytes => contexts.Count(context => context is not null) * ((slots.Used / 8L) + 16384);

    /// <summary>Refuses new walks, waits for those under way, and frees their contexts.</summary>
    public void Dispose()
    {
        closed = true;
        long last = Advance();
        SpinWait wait = default;
        while (!AllSince(last))
            wait.SpinOnce();
        foreach (SearchContext? context in contexts)
            context?.Dispose();
    }

    private SearchContext Make(ref SearchContext? place)
    {
        SearchContext made = new(slots);
        SearchContext? other = Interlocked.CompareExchange(ref place, made, null);
        if (other is null)
            return made;
        made.Dispose();
        return other;
    }
}

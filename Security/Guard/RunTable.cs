namespace ClawOS.Security.Guard;

/// <summary>The sandboxes that run. Safe for use by several threads.</summary>
internal sealed class RunTable
{
    /// <summary>How many there may be, and how many of them may have been started from views: the others are the owner's.</summary>
    internal const int Most = 64, MostOfViews = 48;

    internal const string Head = "id\tpolicy\tpid\tkind\tstarted\tcpu_s\tmemory\tprocesses\n";

    private readonly Lock gate = new();
    private readonly List<GuardedRun> runs = [];
    private int made, taken, takenByViews;

    /// <summary>Called when one has come or gone.</summary>
    internal Action Changed { get; set; } = static () => { };

    internal bool IsEmpty
    {
        get
        {
            lock (gate)
            {
                return runs.Count == 0;
            }
        }
    }

    /// <summary>Takes one of the places, before anything is started.</summary>
    /// <param name="isOwners">Whether the owner asks, and no program in a sandbox.</param>
    /// <returns>The name for the sandbox, or null: all are taken. <see cref="Leave"/> gives the place back.</returns>
    internal string? TryEnter(bool isOwners)
    {
        lock (gate)
        {
            if (taken == Most || (!isOwners && takenByViews == MostOfViews))
            {
                return null;
            }

            taken++;
            takenByViews += isOwners ? 0 : 1;
            return $"r{++made}";
        }
    }

    /// <param name="isOwners">As it was taken.</param>
    internal void Leave(bool isOwners)
    {
        lock (gate)
        {
            taken--;
            takenByViews -= isOwners ? 0 : 1;
        }
    }

    internal void Add(GuardedRun run)
    {
        lock (gate)
        {
            runs.Add(run);
        }

        Changed();
    }

    internal void Remove(GuardedRun run)
    {
        bool had;
        lock (gate)
        {
            had = runs.Remove(run);
        }

        if (had)
        {
            Changed();
        }
    }

    internal IReadOnlyList<GuardedRun> All()
    {
        lock (gate)
        {
            return [.. runs];
        }
    }

    /// <summary>The list as it is shown.</summary>
    public override string ToString() => Head + string.Concat(All().Select(static run => run + "\n"));
}

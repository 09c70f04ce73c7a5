namespace ClawOS.Security.Guard;

/// <summary>The sandboxes that run. Safe for use by several threads.</summary>
internal sealed class RunTable
{
    /// <summary>How many there may be.</summary>
    internal const int Most = 64;

    internal const string Head = "id\tpolicy\tpid\tkind\tstarted\tcpu_s\tmemory\tprocesses\n";

    private readonly Lock gate = new();
    private readonly List<GuardedRun> runs = [];
    private int made, taken;

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
    /// <returns>The name for the sandbox, or null: all are taken. <see cref="Leave"/> gives the place back.</returns>
    internal string? TryEnter()
    {
        lock (gate)
        {
            if (taken == Most)
            {
                return null;
            }

            taken++;
            return $"r{++made}";
        }
    }

    internal void Leave()
    {
        lock (gate)
        {
            taken--;
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

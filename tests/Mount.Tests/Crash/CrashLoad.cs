namespace ClawOS.Mount.Tests.Crash;

/// <summary>All writers together.</summary>
internal sealed class CrashLoad
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly CrashWriter[] _writers;

    public CrashLoad(string folder, int seed)
    {
        _writers =
        [
            new FsxWriter($"{folder}/fsx0", seed), new FsxWriter($"{folder}/fsx1", seed + 1), new NameWriter($"{folder}/names0", seed + 2),
            new NameWriter($"{folder}/names1", seed + 3), new ChurnWriter($"{folder}/churn", seed + 4), new LedgerWriter($"{folder}/ledger", seed + 5),
            new SqliteWriter($"{folder}/sqlite", seed + 6),
        ];
    }

    /// <summary>What has failed so far; empty while all go on.</summary>
    public string Failed => string.Join('\n', _writers.Select(w => w.Failed).OfType<string>());

    /// <summary>Steps of each kind so far, for people.</summary>
    public string Done => string.Join(", ", _writers.GroupBy(w => w.GetType().Name).Select(g => $"{g.Key} {g.Sum(w => w.Steps)}"));

    public void Start() => Array.ForEach(_writers, w => w.Start());

    /// <summary>Lets all end; false when one hangs.</summary>
    public bool Stop() => _writers.All(w => w.Stop(s_limit));

    /// <summary>Compares the tree with what was promised; gives what is missing or wrong.</summary>
    public string Check(bool mountLost)
    {
        List<string> wrong = [];
        foreach (CrashWriter writer in _writers)
            writer.Check(mountLost, wrong);
        return string.Join('\n', wrong.Take(20));
    }
}

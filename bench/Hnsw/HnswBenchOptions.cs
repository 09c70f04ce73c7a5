using System.Globalization;
using ClawFS.Vectors;

namespace ClawOS.Bench.Hnsw;

/// <summary>The command line of `claw bench hnsw`.</summary>
internal sealed record HnswBenchOptions
{
    public const string Usage = """
        usage: claw bench hnsw [--json] [--quick] [--sets doc384,word100] [--stages peer,change,sweep,million] [--peers faiss] [--recall 0.95]
                               [--mount DIR [--sample 20000]] [--data FILE.fvecs [--queries FILE.fvecs] [--metric cosine|dot|l2]]
          --json     print the rows as JSON instead of a table
          --quick    the first 20,000 vectors of a set: for a look, not for a figure
          --sets     only these sets of real text (default: both)
          --stages   peer: beside hnswlib; change: removal, repair, filters; sweep: every setting, with a recommendation (default: these); million: 1,000,000 vectors in the compact mode (10 minutes)
          --peers    faiss: it too
          --recall   what the recommendation must reach (default 0.95)
          --mount    a sample of the vectors of the store mounted there instead (as its owner; they stay in memory, so no peer is measured)
          --sample   how many of them (default 20,000; at least 1,000)
          --data     own vectors instead; the queries default to every hundredth of them, which is then left out
        """;

    // A name that is none would measure nothing, in silence.
    private static readonly string[] s_sets = ["doc384", "word100"], s_stages = ["peer", "change", "sweep", "million"];

    public bool Json { get; private init; }
    public bool Quick { get; private init; }
    public IReadOnlyList<string> Sets { get; private init; } = ["doc384", "word100"];
    public IReadOnlyList<string> Stages { get; private init; } = ["peer", "change", "sweep"];
    public bool Faiss { get; private init; }
    public double Recall { get; private init; } = 0.95;
    public string? Mount { get; private init; }
    public int Sample { get; private init; } = 20_000;
    public string? Data { get; private init; }
    public string? Queries { get; private init; }
    public Metric Metric { get; private init; } = Metric.Cosine;

    /// <summary>Null when the line is not understood.</summary>
    public static HnswBenchOptions? Parse(ReadOnlySpan<string> line)
    {
        HnswBenchOptions options = new();
        while (!line.IsEmpty)
        {
            HnswBenchOptions? next = line switch
            {
                ["--json", ..] => options with { Json = true },
                ["--quick", ..] => options with { Quick = true },
                ["--sets", var sets, ..] when sets.Split(',') is { } names && names.All(s_sets.Contains) => options with { Sets = names },
                ["--stages", var stages, ..] when stages.Split(',') is { } names && names.All(s_stages.Contains) => options with { Stages = names },
                ["--peers", "faiss", ..] => options with { Faiss = true },
                ["--recall", var text, ..] when double.TryParse(text, CultureInfo.InvariantCulture, out double recall) && recall is > 0 and < 1 => options with { Recall = recall },
                ["--mount", var mount, ..] => options with { Mount = Path.GetFullPath(mount) },
                ["--sample", var text, ..] when int.TryParse(text, CultureInfo.InvariantCulture, out int sample) && sample is >= 1000 and <= 1_000_000 => options with { Sample = sample },
                ["--data", var file, ..] => options with { Data = Path.GetFullPath(file) },
                ["--queries", var file, ..] => options with { Queries = Path.GetFullPath(file) },
                ["--metric", var text, ..] when Enum.TryParse(text, ignoreCase: true, out Metric metric) => options with { Metric = metric },
                _ => null,
            };
            if (next is null)
                return null;
            options = next;
            line = line[(line[0] is "--json" or "--quick" ? 1 : 2)..];
        }

        return options;
    }
}

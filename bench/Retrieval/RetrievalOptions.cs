using System.Globalization;

namespace ClawOS.Bench.Retrieval;

/// <summary>What `claw bench retrieval` was asked for.</summary>
/// <param name="Folder">The collection: docs.jsonl, queries.jsonl, qrels.tsv.</param>
/// <param name="Unrelated">Passages from this machine's documentation that are mixed in.</param>
/// <param name="Json">Write one JSON object instead of a table.</param>
/// <param name="Seed">Of the fit and of the calibration.</param>
/// <param name="Half">0: all queries, 1: the first, third …, 2: the second, fourth …</param>
internal sealed record RetrievalOptions(string Folder, int Unrelated, bool Json, int Seed, int Half)
{
    internal const string Usage = "       claw bench retrieval DIR [--with N] [--half 1|2] [--seed N] [--json]   (DIR has docs.jsonl, queries.jsonl, qrels.tsv; --with mixes in N unrelated passages)";

    /// <returns>Nothing when the arguments make no sense.</returns>
    internal static RetrievalOptions? Parse(string[] args)
    {
        RetrievalOptions options = new("", 0, false, 1, 0);
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    options = options with { Json = true };
                    break;
                case "--with" when Number(args, ++i, int.MaxValue) is { } count:
                    options = options with { Unrelated = count };
                    break;
                case "--seed" when Number(args, ++i, int.MaxValue) is { } seed:
                    options = options with { Seed = seed };
                    break;
                case "--half" when Number(args, ++i, 2) is { } half:
                    options = options with { Half = half };
                    break;
                case var folder when !folder.StartsWith('-') && options.Folder.Length == 0:
                    options = options with { Folder = folder };
                    break;
                default:
                    return null;
            }
        }

        return options.Folder.Length == 0 ? null : options;
    }

    private static int? Number(string[] args, int at, int most) =>
        at < args.Length && int.TryParse(args[at], NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most ? number : null;
}

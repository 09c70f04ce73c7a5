using System.Globalization;
using System.Text.Json;
using ClawOS.Bench.Fs.Results;

namespace ClawOS.Bench.Retrieval;

/// <summary>`claw bench retrieval DIR`: how well the product's rankings answer a judged collection of questions.</summary>
internal static class RetrievalBench
{
    // What the default ranking promises: on Cranfield, and on anything else.
    private const double CranfieldFloor = 1.05, AnyFloor = 1;

    /// <returns>The exit code: 0, or 1 when the folder has no such collection.</returns>
    internal static int Run(RetrievalOptions options)
    {
        string name = Path.GetFileName(Path.GetFullPath(options.Folder).TrimEnd('/'));
        if (!File.Exists(Path.Combine(options.Folder, "docs.jsonl")))
        {
            Console.Error.WriteLine($"claw: bench retrieval: {options.Folder}: no docs.jsonl there; README.md of a collection says what it holds");
            return 1;
        }

        RetrievalCollection collection = RetrievalCollection.Load(options.Folder);
        if (options.Half > 0)
            collection = collection with { Queries = [.. collection.Queries.Where((_, i) => i % 2 == options.Half - 1)] };
        List<string> unrelated = UnrelatedPassages.Read(options.Unrelated);
        RetrievalStore store = new(collection.Documents.Select(static document => document.Text).Concat(unrelated), options.Seed);
        List<ResultRow> rows = Rows(
            ("bm25", RankingScores.Of(collection, store.Lexical)),
            ("vector", RankingScores.Of(collection, store.Vectors)),
            ("rrf", RankingScores.Of(collection, store.ReciprocalRanks)),
            ("hybrid", RankingScores.Of(collection, store.Hybrid)),
            name == "cranfield" && unrelated.Count == 0 ? CranfieldFloor : AnyFloor);
        string scale = $"{name}: {collection.Documents.Count} documents, {unrelated.Count} unrelated passages, {store.Chunks} chunks, {collection.Queries.Count} queries, "
            + $"{store.Dimensions} dimensions, agreement {Number(store.Weights.Agreement)}, trust {Number(store.Weights.Trust)}";
        Print(options, scale, rows);
        return 0;
    }

    private static List<ResultRow> Rows((string Name, RankingScores Scores) lexical, (string Name, RankingScores Scores) vector, (string Name, RankingScores Scores) ranks, (string Name, RankingScores Scores) hybrid, double floor)
    {
        List<ResultRow> rows = [];
        foreach ((string metric, Func<RankingScores, double> value) in new (string, Func<RankingScores, double>)[]
                 { ("ndcg@10", static s => s.Ndcg), ("recall@10", static s => s.Recall), ("mrr@10", static s => s.Mrr) })
        {
            foreach ((string name, RankingScores scores) in new[] { lexical, vector, ranks, hybrid })
            {
                double? peer = name == lexical.Name ? null : value(lexical.Scores);
                double? ratio = value(scores) / peer;
                double? demanded = name == hybrid.Name && metric == "ndcg@10" ? floor : null;
                rows.Add(new ResultRow($"{name} {metric}", value(scores), "score", peer is null ? "" : lexical.Name, peer, ratio, demanded, demanded is { } least ? ratio >= least : null)
                {
                    Min = value(scores),
                    Max = value(scores),
                });
            }
        }

        return rows;
    }

    private static void Print(RetrievalOptions options, string scale, List<ResultRow> rows)
    {
        if (options.Json)
        {
            ResultFile file = new(DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), Environment.MachineName, scale, [], rows);
            Console.WriteLine(JsonSerializer.Serialize(file, ResultJson.Default.ResultFile));
            return;
        }

        Console.WriteLine(scale);
        Console.WriteLine();
        Console.WriteLine($"{"row",-20}{"value",10}{"x bm25",10}{"floor",10}");
        foreach (ResultRow row in rows)
            Console.WriteLine($"{row.Row,-20}{Number(row.Value),10}{Number(row.Ratio),10}{Number(row.Floor),10}  {row.Met switch { true => "met", false => "NOT MET", null => "" }}");
    }

    private static string Number(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? "-";
}

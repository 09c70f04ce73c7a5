using System.Globalization;
using ClawOS.Bench.Fs.Results;
using ClawOS.Bench.Hnsw.Data;
using ClawOS.Bench.Hnsw.Results;
using ClawOS.Bench.Hnsw.Stages;

namespace ClawOS.Bench.Hnsw;

/// <summary>`claw bench hnsw`: ClawFS's vector index beside hnswlib, and its settings beside each other.</summary>
internal sealed class HnswBench(HnswBenchOptions options, string root)
{
    private const int QuickVectors = 20_000;
    private const int SweepVectors = 20_000;

    /// <summary>The floors of speed at recall 0.90, 0.95 and 0.99.</summary>
    private static readonly Dictionary<string, double?[]> s_floors = new() { ["doc384"] = [1.9, 1.7, 1.7], ["word100"] = [2, null, null] };

    private readonly string folder = Path.Combine(root, "artifacts", "hnsw");

    /// <returns>The exit code: 1 when a floor is not met.</returns>
    public int Run()
    {
        Directory.CreateDirectory(folder);
        string machine = Machine.Describe(folder), recommendation = "no sweep was run";
        string where = options.Mount is { } mount ? $" --mount {mount}" : "";
        HnswRows rows = new();
        foreach (DataSet whole in Sets())
        {
            DataSet data = options.Quick ? whole.First(QuickVectors) : whole;
            Console.Error.WriteLine($"{data.Name}: {data.Base.Length} x {data.Dimensions}, {data.Queries.Length} queries, {data.Source}");
            if (data.BaseFile is null && options.Stages.Contains("peer"))
                Console.Error.WriteLine("peer: skipped: hnswlib reads vectors from a file, and those of a mount are written to none");
            else if (options.Stages.Contains("peer"))
                new PeerStage(rows, folder, options.Quick ? 2 : 3).Run(data, s_floors.GetValueOrDefault(data.Name, [null, null, null]), data.Name.StartsWith("doc", StringComparison.Ordinal), options.Faiss);
            if (options.Stages.Contains("change") && !data.Name.StartsWith("word", StringComparison.Ordinal))
                new ChangeStage(rows, 2).Run(data);
            if (options.Stages.Contains("million") && data.Dimensions == 384)
                new MillionStage(rows, folder).Run(data);
            if (options.Stages.Contains("sweep"))
            {
                (string text, string? settings) = new SweepStage(rows, folder, options.Recall).Run(data.First(SweepVectors));
                recommendation = settings is null ? text : $"{text}; apply it: ./claw index set {settings}{where}; then ./claw index tune --recall {options.Recall.ToString(CultureInfo.InvariantCulture)}{where} measures the whole index";
            }
        }

        string date = DateTime.Now.ToString("yyyy-MM-dd-HHmm", CultureInfo.InvariantCulture);
        string results = Path.Combine(root, "bench", "results", $"{date}-hnsw");
        ResultFile file = new(date, machine, options.Quick ? "quick" : "full", [], rows.Rows);
        File.WriteAllText(results + ".json", Report.Json(file));
        File.WriteAllText(results + ".csv", rows.Csv);
        File.WriteAllText(results + ".html", HtmlPage.Make(rows, $"{date}, {machine}", recommendation));
        string table = $"{date}\n{machine}\n\n{rows.Table()}\nrecommendation: {recommendation}\n";
        File.WriteAllText(results + ".txt", table);
        Console.WriteLine(options.Json ? Report.Json(file) : table);
        Console.Error.WriteLine($"written: {results}.txt, .json, .csv, .html");
        return rows.Rows.Any(row => row.Met == false) ? 1 : 0;
    }

    private IEnumerable<DataSet> Sets()
    {
        RealText text = new(folder);
        if (options.Mount is { } mount)
            yield return MountVectors.Read(mount, options.Sample);
        else if (options.Data is { } file)
            yield return Own(file);
        else
        {
            foreach (string set in options.Sets)
                yield return set == "doc384" ? text.Doc384() : set == "word100" ? text.Word100() : throw new ArgumentException($"unknown set {set}");
        }
    }

    /// <summary>The user's own vectors; for cosine scaled to length 1, because peers know only the inner product.</summary>
    private DataSet Own(string file)
    {
        float[][] all = Fvecs.Read(file);
        float[][] queries = options.Queries is { } asked ? Fvecs.Read(asked, 1000) : [.. all.Where((_, i) => i % 100 == 0).Take(1000)];
        if (options.Queries is null)
            all = [.. all.Where((_, i) => i % 100 != 0)];
        if (options.Metric == ClawFS.Vectors.Metric.Cosine)
        {
            foreach (float[] vector in all.Concat(queries))
            {
                float length = MathF.Sqrt(DenseMath.Dot(vector, vector));
                for (int i = 0; i < vector.Length && length > 0; i++)
                    vector[i] /= length;
            }
        }

        string name = Path.GetFileNameWithoutExtension(file), copy = Path.Combine(folder, $"own-{name}-{new FileInfo(file).Length}-{File.GetLastWriteTimeUtc(file).Ticks}");
        Fvecs.Write(copy + ".fvecs", all);
        Fvecs.Write(copy + ".queries.fvecs", queries);
        return new DataSet(name, file, options.Metric, copy + ".fvecs", copy + ".queries.fvecs", all, queries);
    }
}

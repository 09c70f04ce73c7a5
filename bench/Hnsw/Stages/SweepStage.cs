using ClawFS.Vectors;
using ClawOS.Bench.Hnsw.Data;
using ClawOS.Bench.Hnsw.Results;

namespace ClawOS.Bench.Hnsw.Stages;

/// <summary>Every M, efConstruction, kind of storage and number of threads on a part of the data, and what to take.</summary>
internal sealed class SweepStage(HnswRows rows, string folder, double recall)
{
    private static readonly int[] s_links = [8, 12, 16, 24, 32];
    private static readonly int[] s_constructions = [100, 200, 400];
    private static readonly int[] s_widths = [16, 32, 48, 64, 96, 128, 192, 256, 400];

    /// <summary>Runs it.</summary>
    /// <returns>The recommendation, one line that names parameters and values.</returns>
    public string Run(DataSet data)
    {
        uint[][] truth = GroundTruth.Of(data);
        foreach (int m in s_links)
        {
            foreach (int construction in s_constructions)
                Measure(data, truth, new HnswOptions { M = m, EfConstruction = construction }, 1);
        }

        HnswOptions usual = new();
        Measure(data, truth, usual with { Storage = VectorStorage.FloatsOnly }, 1);
        Measure(data, truth, usual with { Storage = VectorStorage.Compact }, 1);
        for (int threads = 2; threads <= Environment.ProcessorCount; threads *= 2)
            Measure(data, truth, usual, threads);
        return Recommend(data);
    }

    private void Measure(DataSet data, uint[][] truth, HnswOptions options, int threads)
    {
        using StoredVectors? stored = options.Storage == VectorStorage.Compact ? new StoredVectors(Path.Combine(folder, $"stored-{Environment.ProcessId}"), data.Base) : null;
        using ClawIndex index = ClawIndex.Make(data, options, threads, stored);
        List<Point> points = index.Curve(truth, 2, s_widths);
        rows.Keep(new Series(data.Name, "claw sweep", options.M, options.EfConstruction, options.Storage.ToString(), threads, index.Built, points));
        Console.Error.WriteLine($"  {data.Name} M {options.M} efConstruction {options.EfConstruction} {options.Storage} {threads} thread(s): build {index.Built.Seconds:F1} s, {Curve.QpsAt(points, recall):F0} queries/s at {recall}");
    }

    /// <summary>The fastest search that reaches the recall; of those within 5 % of it the one that is built fastest.</summary>
    private string Recommend(DataSet data)
    {
        var able = rows.Series.Where(series => series.Set == data.Name && series.Engine == "claw sweep" && series.Threads == 1 && series.Storage == nameof(VectorStorage.Resident))
            .Select(series => (series, qps: Curve.QpsAt(series.Points, recall), ef: Curve.WidthFor(series.Points, recall)))
            .Where(entry => entry.qps is not null && entry.ef is not null).ToArray();
        if (able.Length == 0)
            return $"no setting reaches recall {recall} on {data.Name}";
        double best = able.Max(entry => entry.qps!.Value);
        var chosen = able.Where(entry => entry.qps >= 0.95 * best).MinBy(entry => entry.series.Build.Seconds);
        return FormattableString.Invariant(
            $"m={chosen.series.M} ef_construction={chosen.series.EfConstruction} ef={chosen.ef} ({chosen.qps:F0} queries/s at recall {recall}, {chosen.series.Build.Bytes:F0} bytes a vector, measured on {data.Name})");
    }
}

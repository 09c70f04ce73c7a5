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
    /// <returns>What to take.</returns>
    public Recommendation Run(DataSet data)
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
        rows.Show(FormattableString.Invariant($"{data.Name} M{options.M} efC{options.EfConstruction} {options.Storage} {threads}t qps@{recall}"), Curve.QpsAt(points, recall), "/s", "-", null);
        Console.Error.WriteLine($"  {data.Name} M {options.M} efConstruction {options.EfConstruction} {options.Storage} {threads} thread(s): build {index.Built.Seconds:F1} s, {Curve.QpsAt(points, recall):F0} queries/s at {recall}");
    }

    /// <summary>The fastest search that reaches the recall; of those within 5 % of it the one that is built fastest.</summary>
    private Recommendation Recommend(DataSet data)
    {
        var able = rows.Series.Where(series => series.Set == data.Name && series.Engine == "claw sweep" && series.Threads == 1 && series.Storage == nameof(VectorStorage.Resident))
            .Select(series => (series, qps: Curve.QpsAt(series.Points, recall), ef: Curve.WidthFor(series.Points, recall)))
            .Where(entry => entry.qps is not null && entry.ef is not null).ToArray();
        if (able.Length == 0)
            return new Recommendation(FormattableString.Invariant($"no setting reaches recall {recall} on {data.Name}"), null);
        double best = able.Max(entry => entry.qps!.Value);
        var chosen = able.Where(entry => entry.qps >= 0.95 * best).MinBy(entry => entry.series.Build.Seconds);
        rows.Show($"{data.Name} recommended M", chosen.series.M, "", "-", null);
        rows.Show($"{data.Name} recommended efConstruction", chosen.series.EfConstruction, "", "-", null);
        rows.Show($"{data.Name} recommended efSearch", chosen.ef, "", "-", null);
        string settings = FormattableString.Invariant($"M={chosen.series.M} efConstruction={chosen.series.EfConstruction} efSearch={chosen.ef}");
        return new Recommendation(
            FormattableString.Invariant($"{settings} ({chosen.qps:F0} queries/s at recall {recall}, {chosen.series.Build.Bytes:F0} bytes a vector, measured on {data.Name})"), settings);
    }
}

/// <summary>What to take.</summary>
/// <param name="Text">One line for people.</param>
/// <param name="Settings">As sys/index/params has them; null: nothing reaches what was wanted.</param>
internal sealed record Recommendation(string Text, string? Settings);

using ClawFS.Vectors;
using ClawOS.Bench.Hnsw.Data;

namespace ClawOS.Bench.Hnsw;

/// <summary>ClawFS's index under measurement.</summary>
internal sealed class ClawIndex : IDisposable
{
    private readonly DataSet data;
    private readonly Neighbour[] hits = new Neighbour[GroundTruth.K];

    private ClawIndex(DataSet data, HnswIndex index, Build build)
    {
        this.data = data;
        Index = index;
        Built = build;
    }

    public HnswIndex Index { get; }

    public Build Built { get; }

    /// <summary>Builds it from the whole set.</summary>
    public static ClawIndex Make(DataSet data, HnswOptions options, int threads = 1, StoredVectors? stored = null)
    {
        HnswIndex index = new(options with { Dimensions = data.Dimensions, Metric = data.Metric }, stored?.Source);
        double[] times = new double[data.Base.Length];
        double start = ProcessorTime.Now;
        long wall = System.Diagnostics.Stopwatch.GetTimestamp();
        if (threads == 1)
        {
            for (int i = 0; i < times.Length; i++)
                times[i] = Timed(() => index.Add((uint)i, data.Base[i]));
        }
        else
        {
            Parallel.For(0, times.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => times[i] = Timed(() => index.Add((uint)i, data.Base[i])));
        }

        double seconds = threads == 1 ? ProcessorTime.Now - start : System.Diagnostics.Stopwatch.GetElapsedTime(wall).TotalSeconds;
        Array.Sort(times);
        Build build = new(seconds, Percentile(times, 0.5), Percentile(times, 0.99), ((double)index.MemoryBytes / times.Length) + (stored?.BytesPerVector(times.Length) ?? 0));
        return new ClawIndex(data, index, build);
    }

    /// <summary>Asks all queries once.</summary>
    public Point Search(int ef, uint[][] truth, LabelBitmap? filter = null)
    {
        uint[][] found = new uint[data.Queries.Length][];
        double[] times = new double[found.Length];
        double seconds = 0;
        for (int i = 0; i < found.Length; i++)
        {
            float[] query = data.Queries[i];
            double from = ProcessorTime.Now;
            int count = Index.Search(query, GroundTruth.K, ef, filter, hits);
            times[i] = ProcessorTime.Now - from;
            seconds += times[i];
            found[i] = [.. hits.Take(count).Select(hit => hit.Label)];
        }

        Array.Sort(times);
        return new Point(ef, GroundTruth.Recall(truth, found), found.Length / seconds, Percentile(times, 0.5), Percentile(times, 0.99));
    }

    /// <summary>All widths, the best of some passes each.</summary>
    public List<Point> Curve(uint[][] truth, int passes, IEnumerable<int>? widths = null) =>
        [.. (widths ?? Hnsw.Curve.Widths).Select(ef => Enumerable.Range(0, passes).Select(_ => Search(ef, truth)).MaxBy(point => point.Qps))];

    public void Dispose() => Index.Dispose();

    private static double Timed(Action action)
    {
        double from = ProcessorTime.Now;
        action();
        return ProcessorTime.Now - from;
    }

    private static double Percentile(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] * 1e6;
}

namespace ClawOS.Bench.Hnsw;

/// <summary>What one width of search gave.</summary>
/// <param name="Ef">Candidates kept by the walk.</param>
/// <param name="Recall">recall@10.</param>
/// <param name="Qps">Queries a second on one thread.</param>
/// <param name="P50">Median latency, microseconds.</param>
/// <param name="P99">99th percentile, microseconds.</param>
internal readonly record struct Point(int Ef, double Recall, double Qps, double P50, double P99);

/// <summary>What a build gave.</summary>
/// <param name="Seconds">On one thread, or for all threads together the wall's.</param>
/// <param name="P50">Median insert, microseconds.</param>
/// <param name="P99">99th percentile, microseconds.</param>
/// <param name="Bytes">Memory a vector.</param>
internal readonly record struct Build(double Seconds, double P50, double P99, double Bytes);

/// <summary>Recall against speed.</summary>
internal static class Curve
{
    /// <summary>Widths that are measured.</summary>
    public static readonly int[] Widths = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 800];

    /// <summary>Speed at a recall, interpolated in its logarithm between the two points around it; null if no point reaches it.</summary>
    public static double? QpsAt(IReadOnlyList<Point> points, double recall)
    {
        Point[] sorted = [.. points.OrderBy(point => point.Recall)];
        int above = Array.FindIndex(sorted, point => point.Recall >= recall);
        if (above < 0)
            return null;
        if (above == 0)
            return sorted.Where(point => point.Recall >= recall).Max(point => point.Qps);
        Point low = sorted[above - 1], high = sorted[above];
        double share = (recall - low.Recall) / (high.Recall - low.Recall);
        return Math.Exp(Math.Log(low.Qps) + (share * (Math.Log(high.Qps) - Math.Log(low.Qps))));
    }

    /// <summary>The smallest width of those measured that reaches a recall; null if none does.</summary>
    public static int? WidthFor(IEnumerable<Point> points, double recall) =>
        points.OrderBy(point => point.Ef).Where(point => point.Recall >= recall).Select(point => (int?)point.Ef).FirstOrDefault();
}

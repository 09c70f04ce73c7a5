using System.Diagnostics;
using ClawOS.Bench.Fs.Results;

namespace ClawOS.Bench.Cgroups;

/// <summary>Times of one step, in microseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> values = [];

    internal static double Time(Action step)
    {
        long begun = Stopwatch.GetTimestamp();
        step();
        return Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
    }

    internal void Add(double value) => values.Add(value);

    internal ResultRow Row(string name, int percentile)
    {
        double[] sorted = [.. values.Order()];
        return new ResultRow(name, sorted[Math.Min(sorted.Length - 1, sorted.Length * percentile / 100)], "us", "", null, null, null, null) { Min = sorted[0], Max = sorted[^1] };
    }
}

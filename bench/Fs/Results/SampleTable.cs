namespace ClawOS.Bench.Fs.Results;

/// <summary>One measurement.</summary>
/// <param name="Value">In the row's unit.</param>
/// <param name="DaemonMicroseconds">Processor time of the daemons for each operation (MiB in the throughput rows).</param>
internal readonly record struct Sample(double Value, double DaemonMicroseconds);

/// <summary>Everything that was measured in one sitting.</summary>
internal sealed class SampleTable
{
    private readonly Dictionary<(string System, string Row), List<Sample>> samples = [];

    public void Add(string system, Row row, Sample sample)
    {
        if (!samples.TryGetValue((system, row.Name), out List<Sample>? list))
            samples.Add((system, row.Name), list = []);
        list.Add(sample);
    }

    /// <summary>The median value and the median processor time, null if the row was not measured there.</summary>
    public Sample? Median(string system, string row) => samples.TryGetValue((system, row), out List<Sample>? list)
        ? new Sample(Middle(list.Select(static s => s.Value)), Middle(list.Select(static s => s.DaemonMicroseconds)))
        : null;

    /// <summary>Smallest and largest value of a row that was measured.</summary>
    public (double Min, double Max) Range(string system, string row) =>
        (samples[(system, row)].Min(static s => s.Value), samples[(system, row)].Max(static s => s.Value));

    private static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}

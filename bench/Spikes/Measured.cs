using System.Diagnostics;
using System.Globalization;

namespace ClawOS.Bench.Spikes;

/// <summary>Median of several runs of one case.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Wall">Microseconds an operation, elapsed.</param>
/// <param name="Cpu">Microseconds an operation, processor time of the process (kernel included).</param>
/// <param name="Space">Bytes on disk for each byte of plaintext, after a checkpoint; 0 where it does not apply.</param>
internal sealed record Measured(string Name, double Wall, double Cpu, double Space)
{
    private const int Runs = 5;

    /// <summary>Runs a case in a fresh folder each time.</summary>
    /// <param name="name">For the table.</param>
    /// <param name="root">Where the folders are made.</param>
    /// <param name="make">Prepares a run: not timed.</param>
    public static Measured Case(string name, string root, Func<string, ShapeRun> make)
    {
        var runs = new List<(double Wall, double Cpu, double Space)>();
        for (int i = 0; i < Runs; i++)
        {
            string folder = Directory.CreateDirectory(Path.Combine(root, $"claw-spike-{Environment.ProcessId}-{i}")).FullName;
            try
            {
                using ShapeRun run = make(folder);
                using var process = Process.GetCurrentProcess();
                TimeSpan cpu = process.TotalProcessorTime;
                long start = Stopwatch.GetTimestamp();
                run.Execute();
                double wall = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                process.Refresh();
                double used = (process.TotalProcessorTime - cpu).TotalMicroseconds;
                runs.Add((wall / run.Operations, used / run.Operations, run.SpaceRatio()));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        var result = new Measured(name, Median(runs, static r => r.Wall), Median(runs, static r => r.Cpu), Median(runs, static r => r.Space));
        Console.WriteLine(result);
        return result;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"| {Name} | {Wall:F1} | {Cpu:F1} | {(Space > 0 ? Space.ToString("F3", CultureInfo.InvariantCulture) : "-")} |");

    private static double Median<T>(List<T> runs, Func<T, double> value) => runs.Select(value).Order().ElementAt(runs.Count / 2);
}

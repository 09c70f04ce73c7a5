using System.Globalization;
using System.Text;
using System.Text.Json;
using ClawOS.Bench.Fs.Systems;

namespace ClawOS.Bench.Fs.Results;

/// <summary>Turns samples into rows and rows into text.</summary>
internal static class Report
{
    /// <summary>The rows that ClawFS was measured in.</summary>
    public static IReadOnlyList<ResultRow> Rows(SampleTable samples, IEnumerable<Row> rows, IReadOnlyList<string> systems) =>
        [.. rows.Where(row => samples.Median(Catalogue.Claw, row.Name) is not null).Select(row => Compare(samples, row, systems))];

    public static string Json(ResultFile file) => JsonSerializer.Serialize(file, ResultJson.Default.ResultFile);

    public static string Text(ResultFile file, IReadOnlyList<string> systems)
    {
        StringBuilder text = new();
        text.AppendLine(file.Date).AppendLine(file.Machine).AppendLine(file.Scale);
        foreach (string line in file.Skipped)
            text.AppendLine($"skipped: {line}");
        text.AppendLine().AppendLine(Line("row", "claw", "min..max", "unit", "peer", "value", "ratio", "floor", "", "CPU claw", "CPU peer"));
        foreach (ResultRow row in file.Rows)
        {
            text.AppendLine(Line(row.Row, Number(row.Value), $"{Number(row.Min)}..{Number(row.Max)}", row.Unit, row.Peer, Number(row.PeerValue), Number(row.Ratio), Number(row.Floor),
                row.Met switch { true => "met", false => "NOT MET", null => "-" }, Daemon(row, Catalogue.Claw), Daemon(row, row.Peer)));
        }
        text.AppendLine().AppendLine("CPU: microseconds of the daemons for each operation, MiB or step.").AppendLine();
        text.AppendLine(string.Concat(systems.Prepend("median of").Select(static s => s.PadRight(20))));
        foreach (ResultRow row in file.Rows)
            text.AppendLine(string.Concat(systems.Select(s => row.All.TryGetValue(s, out double v) ? Number(v) : "-").Prepend(row.Row).Select(static s => s.PadRight(20))));
        return text.ToString();
    }

    /// <summary>A row in one line: value and what it must keep.</summary>
    public static string Short(ResultRow row) =>
        $"{row.Row,-20}{Number(row.Value),12} {row.Unit,-6}{(row.Floor is { } floor ? $"limit {Number(floor)}" : ""),-14}{row.Met switch { true => "met", false => "NOT MET", null => "" }}".TrimEnd();

    private static ResultRow Compare(SampleTable samples, Row row, IReadOnlyList<string> systems)
    {
        double value = samples.Median(Catalogue.Claw, row.Name)!.Value.Value;
        double? peer = row.Peer == Row.Limit ? 1 : samples.Median(row.Peer, row.Name)?.Value;
        double? ratio = value / peer;
        (double min, double max) = samples.Range(Catalogue.Claw, row.Name);
        var medians = systems.Select(system => (system, sample: samples.Median(system, row.Name))).Where(static s => s.sample is not null).ToArray();
        return new ResultRow(row.Name, value, row.Unit, row.Peer, peer, ratio, row.Floor, ratio is { } r ? row.Met(r) : null)
        {
            Min = min,
            Max = max,
            All = medians.ToDictionary(static s => s.system, static s => s.sample!.Value.Value),
            DaemonMicroseconds = medians.ToDictionary(static s => s.system, static s => s.sample!.Value.DaemonMicroseconds),
        };
    }

    private static string Daemon(ResultRow row, string system) => row.DaemonMicroseconds.TryGetValue(system, out double us) ? Number(us) : "-";

    private static string Line(params ReadOnlySpan<string> cells)
    {
        StringBuilder line = new();
        ReadOnlySpan<int> widths = [20, 12, 20, 6, 12, 12, 8, 7, 9, 12, 0];
        for (int i = 0; i < cells.Length; i++)
            line.Append(cells[i].PadRight(widths[i]));
        return line.ToString().TrimEnd();
    }

    private static string Number(double? value) => value switch
    {
        null => "-",
        >= 100 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F3", CultureInfo.InvariantCulture),
    };
}

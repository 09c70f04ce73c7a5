using System.Globalization;
using System.Text;
using ClawOS.Bench.Fs.Results;

namespace ClawOS.Bench.Hnsw.Results;

/// <summary>The rows of a sitting, and everything that was measured on the way.</summary>
internal sealed class HnswRows
{
    private readonly List<ResultRow> rows = [];
    private readonly List<string> curves = ["set,engine,m,ef_construction,storage,threads,build_s,bytes_a_vector,ef,recall,qps,p50_us,p99_us"];

    public IReadOnlyList<ResultRow> Rows => rows;

    /// <summary>Every measured point, for the CSV and the plots.</summary>
    public List<Series> Series { get; } = [];

    public string Csv => string.Join('\n', curves) + "\n";

    /// <summary>More is better: queries a second. Floor: the least ratio.</summary>
    public void AtLeast(string row, double? value, string unit, string peer, double? peerValue, double floor) => Add(row, value, unit, peer, peerValue, floor, value / peerValue >= floor);

    /// <summary>Less is better: time, bytes. Floor: the largest ratio.</summary>
    public void AtMost(string row, double? value, string unit, string peer, double? peerValue, double floor) => Add(row, value, unit, peer, peerValue, floor, value / peerValue <= floor);

    /// <summary>Shown without a floor.</summary>
    public void Show(string row, double? value, string unit, string peer, double? peerValue) => Add(row, value, unit, peer, peerValue, null, null);

    public void Keep(Series series)
    {
        Series.Add(series);
        foreach (Point p in series.Points)
        {
            curves.Add(string.Create(CultureInfo.InvariantCulture,
                $"{series.Set},{series.Engine},{series.M},{series.EfConstruction},{series.Storage},{series.Threads},{series.Build.Seconds:F3},{series.Build.Bytes:F0},{p.Ef},{p.Recall:F4},{p.Qps:F0},{p.P50:F1},{p.P99:F1}"));
        }
    }

    public string Table()
    {
        StringBuilder text = new();
        text.AppendLine(Line("row", "claw", "unit", "peer", "value", "ratio", "floor", ""));
        foreach (ResultRow row in rows)
            text.AppendLine(Line(row.Row, Number(row.Value), row.Unit, row.Peer, Number(row.PeerValue), Number(row.Ratio), Number(row.Floor), row.Met switch { true => "met", false => "NOT MET", null => "-" }));
        return text.ToString();
    }

    private void Add(string row, double? value, string unit, string peer, double? peerValue, double? floor, bool? met)
    {
        rows.Add(new ResultRow(row, value ?? double.NaN, unit, peer, peerValue, value / peerValue, floor, floor is null ? null : met ?? false));
        Console.Error.WriteLine(Line(row, Number(value), unit, peer, Number(peerValue), Number(value / peerValue), Number(floor), met switch { true => "met", false => "NOT MET", null => "-" }));
    }

    private static string Line(params ReadOnlySpan<string> cells)
    {
        ReadOnlySpan<int> widths = [42, 11, 8, 14, 11, 8, 8, 0];
        StringBuilder line = new();
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

/// <summary>One curve.</summary>
internal sealed record Series(string Set, string Engine, int M, int EfConstruction, string Storage, int Threads, Build Build, IReadOnlyList<Point> Points);

using System.Net;
using System.Text;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace ClawOS.Bench.Hnsw.Results;

/// <summary>One page with tables and plots (OxyPlot, as SVG in the page): nothing is fetched when it is viewed.</summary>
internal static class HtmlPage
{
    public static string Make(HnswRows rows, string machine, string recommendation)
    {
        StringBuilder page = new();
        page.Append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>claw bench hnsw</title><style>body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em}")
            .Append("table{border-collapse:collapse}td,th{padding:.2em .8em;border-bottom:1px solid #ccc;text-align:right}td:first-child,th:first-child{text-align:left}.no{color:#b00;font-weight:bold}svg{max-width:100%;height:auto}</style>")
            .Append("<h1>claw bench hnsw</h1><p>").Append(WebUtility.HtmlEncode(machine)).Append("</p><p><b>Recommendation:</b> ").Append(WebUtility.HtmlEncode(recommendation)).Append("</p>");
        Table(page, rows);
        foreach (IGrouping<string, Series> set in rows.Series.GroupBy(series => series.Set))
        {
            page.Append("<h2>").Append(WebUtility.HtmlEncode(set.Key)).Append("</h2>");
            page.Append(Plot("Recall against speed, one thread", "recall@10", "queries a second", set.Where(series => series.Threads == 1), point => point.Recall, point => point.Qps, true));
            page.Append(Plot("Latency: 99th percentile", "recall@10", "microseconds", set.Where(series => series.Threads == 1), point => point.Recall, point => point.P99, true));
            page.Append(Bars("Build time, seconds", set, series => series.Build.Seconds));
            page.Append(Bars("Memory, bytes a vector", set, series => series.Build.Bytes));
        }

        return page.Append("</html>").ToString();
    }

    private static void Table(StringBuilder page, HnswRows rows)
    {
        page.Append("<table><tr><th>row<th>claw<th>unit<th>peer<th>value<th>ratio<th>floor<th></tr>");
        foreach (var row in rows.Rows)
        {
            page.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"<tr><td>{WebUtility.HtmlEncode(row.Row)}<td>{row.Value:G4}<td>{row.Unit}<td>{row.Peer}<td>{row.PeerValue:G4}<td>{row.Ratio:F2}<td>{row.Floor}<td>{row.Met switch { true => "met", false => "<span class=no>not met</span>", null => "" }}</tr>");
        }

        page.Append("</table>");
    }

    private static string Plot(string title, string x, string y, IEnumerable<Series> series, Func<Point, double> getX, Func<Point, double> getY, bool logarithmic)
    {
        PlotModel model = Model(title);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = x, Minimum = 0.7, Maximum = 1, MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(logarithmic ? new LogarithmicAxis { Position = AxisPosition.Left, Title = y, MajorGridlineStyle = LineStyle.Dot } : new LinearAxis { Position = AxisPosition.Left, Title = y });
        foreach (Series one in series)
        {
            LineSeries line = new() { Title = Name(one), MarkerType = MarkerType.Circle, MarkerSize = 2.5 };
            line.Points.AddRange(one.Points.Select(point => new DataPoint(getX(point), getY(point))));
            model.Series.Add(line);
        }

        return Svg(model, 620);
    }

    private static string Bars(string title, IEnumerable<Series> series, Func<Series, double> value)
    {
        Series[] all = [.. series.Where(one => value(one) > 0)];
        PlotModel model = Model(title);
        CategoryAxis names = new() { Position = AxisPosition.Left };
        BarSeries bars = new() { LabelFormatString = "{0:0}" };
        foreach (Series one in all.Reverse())
        {
            names.Labels.Add(Name(one));
            bars.Items.Add(new BarItem(value(one)));
        }

        model.Axes.Add(names);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0 });
        model.Series.Add(bars);
        return Svg(model, 120 + (24 * all.Length));
    }

    private static string Name(Series one) => $"{one.Engine} M{one.M} efC{one.EfConstruction} {one.Storage}{(one.Threads > 1 ? $" {one.Threads} threads" : "")}";

    private static PlotModel Model(string title)
    {
        PlotModel model = new() { Title = title, Background = OxyColors.White };
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop, LegendPlacement = LegendPlacement.Outside, LegendFontSize = 10 });
        return model;
    }

    private static string Svg(PlotModel model, double height)
    {
        using MemoryStream stream = new();
        new SvgExporter { Width = 1000, Height = height, IsDocument = false }.Export(model, stream);
        return $"<figure>{Encoding.UTF8.GetString(stream.ToArray())}</figure>";
    }
}

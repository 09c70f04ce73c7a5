using System.Globalization;
using System.Text;

namespace ClawFS.Trees;

/// <summary>
/// The Prometheus text exposition format, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/): HELP and TYPE once a
/// metric, then its samples.
/// </summary>
internal static class PrometheusText
{
    public static string Render(IEnumerable<Metric> metrics)
    {
        StringBuilder text = new();
        foreach (Metric metric in metrics)
        {
            text.Append("# HELP ").Append(metric.Name).Append(' ').Append(EscapeHelp(metric.Help)).Append('\n');
            text.Append("# TYPE ").Append(metric.Name).Append(metric.Kind == MetricKind.Counter ? " counter\n" : " gauge\n");
            foreach (Sample sample in metric.Samples)
            {
                text.Append(metric.Name);
                AppendLabels(text, sample.Labels);
                text.Append(' ').Append(sample.Value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
            }
        }
        return text.ToString();
    }

    private static void AppendLabels(StringBuilder text, (string Name, string Value)[]? labels)
    {
        if (labels is not { Length: > 0 })
        {
            return;
        }
        text.Append('{');
        text.AppendJoin(',', labels.Select(static label => $"{label.Name}=\"{EscapeValue(label.Value)}\""));
        text.Append('}');
    }

    private static string EscapeHelp(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string EscapeValue(string text) => EscapeHelp(text).Replace("\"", "\\\"", StringComparison.Ordinal);
}

using System.Text.Json.Serialization;

namespace ClawOS.Bench.Fs.Results;

/// <summary>One row of the output, as every benchmark of this repository prints it.</summary>
internal sealed record ResultRow(
    [property: JsonPropertyName("row")] string Row,
    [property: JsonPropertyName("value")] double Value,
    [property: JsonPropertyName("unit")] string Unit,
    [property: JsonPropertyName("peer")] string Peer,
    [property: JsonPropertyName("peer_value")] double? PeerValue,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("floor")] double? Floor,
    [property: JsonPropertyName("met")] bool? Met)
{
    [JsonPropertyName("min")]
    public double Min { get; init; }

    [JsonPropertyName("max")]
    public double Max { get; init; }

    /// <summary>Microseconds of daemon time an operation, by system.</summary>
    [JsonPropertyName("daemon_us")]
    public IReadOnlyDictionary<string, double> DaemonMicroseconds { get; init; } = new Dictionary<string, double>();

    /// <summary>The medians of all systems.</summary>
    [JsonPropertyName("all")]
    public IReadOnlyDictionary<string, double> All { get; init; } = new Dictionary<string, double>();
}

/// <summary>A whole sitting.</summary>
internal sealed record ResultFile(
    [property: JsonPropertyName("date")] string Date,
    [property: JsonPropertyName("machine")] string Machine,
    [property: JsonPropertyName("scale")] string Scale,
    [property: JsonPropertyName("skipped")] IReadOnlyList<string> Skipped,
    [property: JsonPropertyName("rows")] IReadOnlyList<ResultRow> Rows);

[JsonSourceGenerationOptions(WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(ResultFile))]
internal sealed partial class ResultJson : JsonSerializerContext;

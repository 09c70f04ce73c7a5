using System.Text.Json.Nodes;

namespace ClawOS.Cli.Stores;

/// <summary>What a check of a store found, by this process or by a running fs.</summary>
/// <param name="Clean">Whether nothing is wrong any more.</param>
/// <param name="Repaired">How many problems were mended.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Problems">A line a problem.</param>
internal sealed record CheckOutcome(bool Clean, int Repaired, string Summary, IReadOnlyList<string> Problems)
{
    internal JsonObject ToJson() => new()
    {
        ["clean"] = Clean,
        ["repaired"] = Repaired,
        ["summary"] = Summary,
        ["problems"] = new JsonArray([.. Problems.Select(problem => (JsonNode)problem)]),
    };

    internal static CheckOutcome FromJson(JsonObject answer) => new(
        answer["clean"]!.GetValue<bool>(),
        answer["repaired"]?.GetValue<int>() ?? 0,
        answer["summary"]?.GetValue<string>() ?? "",
        [.. (answer["problems"]?.AsArray() ?? []).Select(problem => problem!.GetValue<string>())]);
}

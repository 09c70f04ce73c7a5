using System.Text.Json.Nodes;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Policies;

/// <summary>Errors, answers and rules of policies as JSON.</summary>
internal static class PolicyJson
{
    internal static JsonNode Of(string name, IReadOnlyList<PolicyError> errors) => new JsonObject
    {
        ["name"] = name,
        ["errors"] = new JsonArray([.. errors.Select(error => new JsonObject
        {
            ["file"] = error.File,
            ["line"] = error.Line,
            ["column"] = error.Column,
            ["length"] = error.Length,
            ["message"] = error.Message,
            ["suggestion"] = error.Suggestion,
        })]),
    };

    internal static JsonNode Of(string question, Explanation answer) => new JsonObject
    {
        ["question"] = question,
        ["verdict"] = answer.Verdict == Verdict.ByProfile ? "profile" : answer.Verdict.ToString().ToLowerInvariant(),
        ["layers"] = LayersOf(answer.Layers),
        ["rule"] = answer.Source?.ToString(),
        ["reason"] = answer.Reason,
    };

    internal static JsonNode Of(EffectiveLine line) => new JsonObject
    {
        ["what"] = line.What,
        ["rule"] = line.Rule,
        ["layers"] = LayersOf(line.Layers),
        ["line"] = line.Source?.ToString(),
    };

    private static JsonArray LayersOf(Layers layers) => new([.. layers.ToText().Split('+').Select(name => JsonValue.Create(name))]);
}

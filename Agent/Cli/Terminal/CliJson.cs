using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClawOS.Cli.Terminal;

/// <summary>How --json prints: indented, names in camelCase, text unescaped where a terminal can show it.</summary>
internal static class CliJson
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static void Write(JsonNode value) => Out.Line(value.ToJsonString(Indented));
}

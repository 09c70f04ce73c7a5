using System.Text.Json;
using System.Text.Json.Serialization;

namespace ClawFS.Supervisor;

/// <summary>The JSON of the control socket, the start report and mount.json: generated code, no reflection at start.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
[JsonSerializable(typeof(StatusReport))]
public sealed partial class ControlJson : JsonSerializerContext;

using System.Text.Json;
using System.Text.Json.Nodes;
using ClawOS.Security.Seccomp;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>What one or several runs of a command did: the least that a policy for it allows. Kept as JSON between runs.</summary>
internal sealed class Recording
{
    private const int Version = 1;

    /// <summary>How many runs it comes from.</summary>
    internal int Runs { get; set; }

    /// <summary>Paths of the machine, as the kernel resolves them, and what was done with each.</summary>
    internal SortedDictionary<string, PathUse> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Calls by name, with their count.</summary>
    internal SortedDictionary<string, long> Calls { get; } = new(StringComparer.Ordinal);

    /// <summary>Addresses with port that it tried to connect to.</summary>
    internal SortedSet<string> Hosts { get; } = new(StringComparer.Ordinal);

    /// <summary>By shipped profile: calls that it refuses with the arguments that were seen.</summary>
    internal SortedDictionary<string, SortedSet<string>> Refused { get; } = new(StringComparer.Ordinal);

    /// <summary>The calls as the pruning of profiles wants them.</summary>
    internal IEnumerable<RecordedCall> RecordedCalls => Calls.Select(pair => new RecordedCall(pair.Key, pair.Value));

    internal void Add(string path, PathUse use) => Files[path] = Files.GetValueOrDefault(path) | use;

    internal void Refuse(string profile, string call)
    {
        if (!Refused.TryGetValue(profile, out SortedSet<string>? calls))
        {
            Refused[profile] = calls = new SortedSet<string>(StringComparer.Ordinal);
        }

        calls.Add(call);
    }

    internal string ToJson() => new JsonObject
    {
        ["version"] = Version,
        ["runs"] = Runs,
        ["files"] = new JsonObject(Files.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)(int)pair.Value))),
        ["calls"] = new JsonObject(Calls.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["hosts"] = new JsonArray([.. Hosts.Select(host => JsonValue.Create(host))]),
        ["refused"] = new JsonObject(Refused.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonArray([.. pair.Value.Select(call => JsonValue.Create(call))])))),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";

    /// <summary>Adds what an earlier run recorded.</summary>
    /// <exception cref="FormatException">It is no recording of this version.</exception>
    internal void Merge(string json)
    {
        try
        {
            JsonNode root = JsonNode.Parse(json)!;
            if (root["version"]!.GetValue<int>() != Version)
            {
                throw new FormatException("a recording of another version");
            }

            Runs += root["runs"]!.GetValue<int>();
            foreach ((string path, JsonNode? use) in root["files"]!.AsObject())
            {
                Add(path, (PathUse)use!.GetValue<int>());
            }

            foreach ((string name, JsonNode? count) in root["calls"]!.AsObject())
            {
                Calls[name] = Calls.GetValueOrDefault(name) + count!.GetValue<long>();
            }

            Hosts.UnionWith(root["hosts"]!.AsArray().Select(host => host!.GetValue<string>()));
            foreach ((string profile, JsonNode? calls) in root["refused"]!.AsObject())
            {
                foreach (JsonNode? call in calls!.AsArray())
                {
                    Refuse(profile, call!.GetValue<string>());
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
        {
            throw new FormatException("not a recording of claw policy learn", error);
        }
    }
}

using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using ClawFS.Vfs;
using ClawOS.Security.Policy;

namespace ClawOS.Security.Trees;

/// <summary>
/// The state as it is kept: {"format":1,"version":N,"mode":"enforce","active":[{"name","seconds","nanoseconds","bytes"}],"drafts":[...]}, UTF-8, where "bytes" is base64: texts
/// are kept to the byte.
/// </summary>
internal static class PolicyStateFile
{
    private const int Format = 1;

    /// <summary>Writes it.</summary>
    public static ReadOnlyMemory<byte> Write(PolicyState state)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteNumber("format"u8, Format);
            json.WriteNumber("version"u8, state.Version);
            json.WriteString("mode"u8, state.Mode == PolicyMode.Audit ? "audit"u8 : "enforce"u8);
            Write(json, "active", state.Active);
            Write(json, "drafts", state.Drafts);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>Reads it.</summary>
    /// <exception cref="InvalidDataException">It is none, or of a later format.</exception>
    public static PolicyState Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(content);
            JsonElement root = json.RootElement;
            int format = root.GetProperty("format").GetInt32();
            if (format != Format)
            {
                throw new InvalidDataException($"the policies are kept in format {format}, this claw knows {Format}");
            }

            return new PolicyState(root.GetProperty("version").GetInt64(), ModeOf(root.GetProperty("mode").GetString()), Read(root.GetProperty("active"), PolicyFile.IsName), Read(root.GetProperty("drafts"), FileNames.IsDraft));
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"the policies cannot be read: {wrong.Message}", wrong);
        }
    }

    private static PolicyMode ModeOf(string? text) => text switch
    {
        "enforce" => PolicyMode.Enforce,
        "audit" => PolicyMode.Audit,
        _ => throw new InvalidDataException($"the policies cannot be read: there is no mode '{text}'"),
    };

    private static void Write(Utf8JsonWriter json, string key, ImmutableSortedDictionary<string, KeptText> texts)
    {
        json.WriteStartArray(key);
        foreach ((string name, KeptText text) in texts)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteNumber("seconds"u8, text.ChangedAt.Seconds);
            json.WriteNumber("nanoseconds"u8, text.ChangedAt.Nanoseconds);
            json.WriteBase64String("bytes"u8, text.Content);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static ImmutableSortedDictionary<string, KeptText> Read(JsonElement json, Func<string, bool> isName)
    {
        ImmutableSortedDictionary<string, KeptText>.Builder texts = PolicyState.Empty.Active.ToBuilder();
        foreach (JsonElement item in json.EnumerateArray())
        {
            string name = item.GetProperty("name").GetString() ?? "";
            if (!isName(name))
            {
                throw new InvalidDataException($"the policies cannot be read: there is none named '{name}'");
            }

            texts.Add(name, new KeptText(item.GetProperty("bytes").GetBytesFromBase64(), new Timestamp(item.GetProperty("seconds").GetInt64(), item.GetProperty("nanoseconds").GetUInt32())));
        }

        return texts.ToImmutable();
    }
}

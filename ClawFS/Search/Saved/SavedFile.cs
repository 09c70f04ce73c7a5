using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace ClawFS.Search.Saved;

/// <summary>
/// The standing queries as they are kept: {"version":1,"queries":[{"name","query","options","hits":{"INODE":"MARK"},"former":{...}}]}, UTF-8. Inodes are decimal, marks 16 hex
/// digits; a query that has not been asked yet has no "hits".
/// </summary>
internal static class SavedFile
{
    /// <summary>Name of the hidden file.</summary>
    public const string FileName = "search.saved";

    /// <summary>No longer file is written: all queries with all they may know.</summary>
    public const int MaxBytes = 64 << 20;

    private const int Version = 1;

    /// <summary>Writes all.</summary>
    public static byte[] Write(IEnumerable<SavedQuery> queries)
    {
        ArrayBufferWriter<byte> output = new();
        using (Utf8JsonWriter json = new(output))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteStartArray("queries"u8);
            foreach (SavedQuery query in queries)
            {
                query.Read((question, known) => Write(json, query.Name, question, known));
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads all.</summary>
    /// <exception cref="InvalidDataException">It is none, or of a later version.</exception>
    public static IReadOnlyList<SavedQuery> Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(content);
            if (json.RootElement.GetProperty("version").GetInt32() != Version)
            {
                throw new InvalidDataException("the standing queries were written by a later version");
            }
            return [.. json.RootElement.GetProperty("queries").EnumerateArray().Select(ReadQuery)];
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"the standing queries cannot be read: {wrong.Message}", wrong);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, SavedQuestion question, KnownHits? known)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteString("query"u8, question.Query);
        json.WriteString("options"u8, question.Options.ToString());
        if (known is not null)
        {
            WriteHits(json, "hits", known.Present);
            WriteHits(json, "former", known.Former);
        }
        json.WriteEndObject();
    }

    private static void WriteHits(Utf8JsonWriter json, string key, IReadOnlyDictionary<ulong, ulong> hits)
    {
        json.WriteStartObject(key);
        foreach ((ulong inode, ulong mark) in hits)
        {
            json.WriteString(inode.ToString(CultureInfo.InvariantCulture), mark.ToString("x16", CultureInfo.InvariantCulture));
        }
        json.WriteEndObject();
    }

    private static SavedQuery ReadQuery(JsonElement json)
    {
        SavedQuery query = new(json.GetProperty("name").GetString() ?? throw new InvalidDataException("a standing query has no name"));
        KnownHits? known = null;
        if (json.TryGetProperty("hits", out JsonElement hits))
        {
            known = new KnownHits();
            ReadHits(hits, known, isPresent: true);
            ReadHits(json.GetProperty("former"), known, isPresent: false);
        }
        query.Restore(new SavedQuestion(json.GetProperty("query").GetString() ?? "", SearchOptions.Parse(json.GetProperty("options").GetString() ?? "")), known);
        return query;
    }

    private static void ReadHits(JsonElement json, KnownHits into, bool isPresent)
    {
        foreach (JsonProperty hit in json.EnumerateObject())
        {
            into.Restore(ulong.Parse(hit.Name, NumberStyles.None, CultureInfo.InvariantCulture), Convert.ToUInt64(hit.Value.GetString(), 16), isPresent);
        }
    }
}

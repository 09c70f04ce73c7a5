using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using ClawFS.Vectors;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>
/// A sample of the vectors of a mounted store, asked for in parts through its sys/ctl, which only its owner may open. They tell what the text is about, so they stay in this process:
/// none of them, nor the truth made of them, is written to a file.
/// </summary>
internal static class MountVectors
{
    private const int LeastVectors = 1000, MostQueries = 1000;

    /// <summary>Reads the sample.</summary>
    /// <param name="mount">Where the store is mounted.</param>
    /// <param name="size">Vectors wanted.</param>
    /// <exception cref="InvalidDataException">There are too few, fs refuses, or the index was made anew meanwhile.</exception>
    public static DataSet Read(string mount, int size)
    {
        List<float[]> all = [];
        HashSet<string> seen = [];
        int? generation = null;
        for (int from = 0; from < size;)
        {
            JsonObject answer = Ask(mount, new JsonObject { ["command"] = "index-vectors", ["sample"] = size, ["from"] = from });
            generation ??= answer["generation"]!.GetValue<int>();
            if (answer["generation"]!.GetValue<int>() != generation)
                throw new InvalidDataException($"{mount}: the vectors were made anew while they were read; run it again");
            JsonArray part = answer["vectors"]!.AsArray();
            if (part.Count == 0)
                break;
            foreach (JsonNode? row in part)
            {
                if (seen.Add(row![0]!.GetValue<string>()))
                    all.Add(ToVector(row[1]!.GetValue<string>()));
            }

            from += part.Count;
        }

        if (all.Count < LeastVectors)
            throw new InvalidDataException($"{mount}: {all.Count} vectors are too few to measure; {LeastVectors} are wanted");
        int asked = Math.Min(MostQueries, all.Count / 20);
        return new DataSet("mount", $"{mount}, generation {generation}, a sample that stays in memory", Metric.Cosine, null, null, [.. all.Skip(asked)], [.. all.Take(asked)]);
    }

    private static float[] ToVector(string base64)
    {
        byte[] bytes = Convert.FromBase64String(base64);
        float[] vector = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < vector.Length; i++)
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        return vector;
    }

    private static JsonObject Ask(string mount, JsonObject request)
    {
        // Without a buffer the runtime neither seeks nor reads ahead: the answer comes on the descriptor that the question went in by.
        using FileStream channel = new(Path.Combine(mount, "sys/ctl"), new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 });
        channel.Write(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"));
        using StreamReader reader = new(channel);
        while (reader.ReadLine() is { } line)
        {
            JsonObject answer = JsonNode.Parse(line)!.AsObject();
            if (answer.ContainsKey("progress"))
                continue;
            return answer["error"]?.GetValue<string>() is { } error ? throw new InvalidDataException($"{mount}: {error}") : answer;
        }

        throw new InvalidDataException($"{mount}/sys/ctl: no answer");
    }
}

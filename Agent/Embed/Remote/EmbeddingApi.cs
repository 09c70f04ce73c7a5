using System.Text.Json;
using ClawFS.Embedding;

namespace ClawOS.Embed.Remote;

/// <summary>How a server is asked for vectors and how it answers.</summary>
internal abstract class EmbeddingApi
{
    /// <summary>What comes after the address that the owner gave.</summary>
    internal abstract string Path { get; }

    /// <summary>The interface of a kind of server.</summary>
    internal static EmbeddingApi Of(EmbedderKind kind) => kind == EmbedderKind.Ollama ? new Ollama() : new OpenAi();

    /// <summary>The body of a request.</summary>
    internal byte[] Request(string model, IReadOnlyList<string> texts)
    {
        using MemoryStream body = new();
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteStartArray("input"u8);
            foreach (string text in texts)
            {
                json.WriteStringValue(text);
            }
            json.WriteEndArray();
            WriteOptions(json);
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    /// <summary>The vectors of an answer, in the order of the texts.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is not what such a server answers.</exception>
    internal float[][] Read(byte[] answer, int count)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.ValueKind == JsonValueKind.Object ? Vectors(document.RootElement, count) : throw new InvalidDataException("no object");
    }

    /// <summary>Adds what else a request says.</summary>
    protected abstract void WriteOptions(Utf8JsonWriter json);

    /// <summary>Finds the vectors.</summary>
    protected abstract float[][] Vectors(JsonElement answer, int count);

    private protected static JsonElement Member(JsonElement of, ReadOnlySpan<byte> name, JsonValueKind kind) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement found) && found.ValueKind == kind ? found : throw new InvalidDataException("a member is missing");

    private protected static float[] Vector(JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() is 0 or > EmbedLimits.MostDimensions)
        {
            throw new InvalidDataException("no vector");
        }
        float[] vector = new float[array.GetArrayLength()];
        int at = 0;
        foreach (JsonElement number in array.EnumerateArray())
        {
            // Too large a number becomes infinity here, which the check after this refuses.
            vector[at++] = number.ValueKind == JsonValueKind.Number && number.TryGetSingle(out float value) ? value : float.NaN;
        }
        return vector;
    }

    /// <summary>POST URL/embeddings, where URL ends in /v1: OpenAI and all that answer as it does (vLLM, LM Studio, llama.cpp, TEI, LiteLLM).</summary>
    private sealed class OpenAi : EmbeddingApi
    {
        internal override string Path => "/embeddings";

        protected override void WriteOptions(Utf8JsonWriter json) => json.WriteString("encoding_format"u8, "float"u8);

        /// <summary>Each vector says its place: servers may answer in any order.</summary>
        protected override float[][] Vectors(JsonElement answer, int count)
        {
            JsonElement data = Member(answer, "data"u8, JsonValueKind.Array);
            float[]?[] vectors = new float[]?[data.GetArrayLength()];
            foreach (JsonElement item in data.EnumerateArray())
            {
                int index = Member(item, "index"u8, JsonValueKind.Number).TryGetInt32(out int place) ? place : -1;
                if (index < 0 || index >= vectors.Length || vectors[index] is not null)
                {
                    throw new InvalidDataException("an index that cannot be");
                }
                vectors[index] = Vector(Member(item, "embedding"u8, JsonValueKind.Array));
            }
            return vectors!;
        }
    }

    /// <summary>POST URL/api/embed.</summary>
    private sealed class Ollama : EmbeddingApi
    {
        internal override string Path => "/api/embed";

        /// <summary>A text that is longer than the model's context is cut there.</summary>
        protected override void WriteOptions(Utf8JsonWriter json) => json.WriteBoolean("truncate"u8, true);

        protected override float[][] Vectors(JsonElement answer, int count) => [.. Member(answer, "embeddings"u8, JsonValueKind.Array).EnumerateArray().Select(Vector)];
    }
}

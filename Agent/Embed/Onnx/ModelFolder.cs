using System.Security.Cryptography;
using System.Text.Json;
using ClawFS.Embedding;
using Microsoft.ML.Tokenizers;

namespace ClawOS.Embed.Onnx;

/// <summary>
/// A folder with a BERT-family model as sentence-transformers and Hugging Face lay it out: model.onnx (or onnx/model.onnx), vocab.txt (or a tokenizer.json of type WordPiece), and
/// the configuration files, each of which may be missing.
/// </summary>
internal sealed class ModelFolder
{
    private const int DefaultTokens = 512, MostTokens = 8192;
    private const long MaxConfiguration = 64 << 20;

    private readonly string folder;
    private readonly JsonElement model, tokenizer, sentences, pooling;

    /// <summary>Reads what describes the model.</summary>
    /// <exception cref="EmbedException">The folder has no model that can be used here; the reason names the file.</exception>
    internal ModelFolder(string folder)
    {
        this.folder = folder;
        if (!Directory.Exists(folder))
        {
            throw Unusable($"{folder}: no folder that uid {ClawFS.Linux.ProcessIdentity.Uid} of the embed worker can look into");
        }
        ModelFile = new[] { "model.onnx", "onnx/model.onnx" }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? throw Unusable($"{folder}: there is no model.onnx");
        model = Read("config.json");
        tokenizer = Read("tokenizer_config.json");
        sentences = Read("sentence_bert_config.json");
        pooling = Read("1_Pooling/config.json");
        if (Flag(pooling, "pooling_mode_max_tokens") == true || Flag(pooling, "pooling_mode_mean_sqrt_len_tokens") == true)
        {
            throw Unusable($"{folder}/1_Pooling/config.json: only the mean of all tokens and the first token are known here");
        }
        IsFirstToken = Flag(pooling, "pooling_mode_cls_token") == true;
    }

    /// <summary>The model.</summary>
    internal string ModelFile { get; }

    /// <summary>Whether the first token's vector is the text's; else it is the mean of all.</summary>
    internal bool IsFirstToken { get; }

    /// <summary>The longest text in tokens, with the two at its ends; a longer one is cut.</summary>
    internal int MaxTokens
    {
        get
        {
            int positions = Number(model, "max_position_embeddings") ?? MostTokens;
            int wanted = Number(sentences, "max_seq_length") ?? Number(tokenizer, "model_max_length") ?? Math.Min(positions, DefaultTokens);
            return Math.Clamp(Math.Min(wanted, positions), 3, MostTokens);
        }
    }

    /// <summary>Makes the tokenizer.</summary>
    /// <exception cref="EmbedException">It is of a kind that is not known here.</exception>
    internal BertTokenizer MakeTokenizer()
    {
        bool lower = Flag(tokenizer, "do_lower_case") ?? Flag(sentences, "do_lower_case") ?? true;
        BertOptions options = new() { LowerCaseBeforeTokenization = lower, RemoveNonSpacingMarks = Flag(tokenizer, "strip_accents") ?? lower };
        try
        {
            using Stream vocabulary = OpenVocabulary();
            return BertTokenizer.Create(vocabulary, options);
        }
        catch (Exception wrong) when (wrong is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new EmbedException(EmbedFailureKind.Unusable, $"{folder}: the vocabulary is none of a BERT model ({OneLine.Of(wrong.Message, 200)})", inner: wrong);
        }
    }

    /// <summary>Names the model by its folder and its content, so that another model under the same path is told from this one.</summary>
    internal string MakeName(BertTokenizer made)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (FileStream file = new(ModelFile, FileMode.Open, FileAccess.Read))
        {
            byte[] piece = new byte[1 << 20];
            for (int length = file.Read(piece); length > 0; length = file.Read(piece))
            {
                hash.AppendData(piece, 0, length);
            }
        }
        hash.AppendData([(byte)(made.LowerCaseBeforeTokenization ? 1 : 0), (byte)(IsFirstToken ? 1 : 0)]);
        hash.AppendData(BitConverter.GetBytes(MaxTokens));
        return $"onnx:{OneLine.Of(Path.GetFileName(folder.TrimEnd('/')), 200)}#{Convert.ToHexStringLower(hash.GetHashAndReset())[..12]}";
    }

    private Stream OpenVocabulary()
    {
        string plain = Path.Combine(folder, "vocab.txt");
        if (File.Exists(plain))
        {
            return File.OpenRead(plain);
        }
        JsonElement whole = Read("tokenizer.json");
        if (whole.ValueKind != JsonValueKind.Object)
        {
            throw Unusable(Directory.EnumerateFiles(folder, "*.model").FirstOrDefault() is { } pieces
                ? $"{pieces}: SentencePiece vocabularies are not known here, only WordPiece (vocab.txt)"
                : $"{folder}: there is no vocab.txt");
        }
        JsonElement inner = whole.TryGetProperty("model", out JsonElement found) ? found : default;
        string type = inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("type", out JsonElement named) ? named.ToString() : "none";
        if (type != "WordPiece" || !inner.TryGetProperty("vocab", out JsonElement vocabulary) || vocabulary.ValueKind != JsonValueKind.Object)
        {
            throw Unusable($"{folder}/tokenizer.json: of type {OneLine.Of(type, 40)}; only WordPiece is known here");
        }
        // One token a line, in the order of their numbers, as vocab.txt has them.
        SortedDictionary<int, string> tokens = [];
        foreach (JsonProperty token in vocabulary.EnumerateObject())
        {
            tokens[token.Value.TryGetInt32(out int number) ? number : -1] = token.Name;
        }
        bool isWhole = tokens.Count > 0 && tokens.First().Key == 0 && tokens.Last().Key == tokens.Count - 1 && tokens.Values.All(static token => !token.Contains('\n'));
        return isWhole ? new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', tokens.Values) + "\n")) : throw Unusable($"{folder}/tokenizer.json: its tokens are not numbered from 0 on");
    }

    private JsonElement Read(string name)
    {
        string path = Path.Combine(folder, name);
        try
        {
            if (!File.Exists(path))
            {
                return default;
            }
            if (new FileInfo(path).Length > MaxConfiguration)
            {
                throw Unusable($"{path}: larger than {MaxConfiguration} bytes");
            }
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return document.RootElement.Clone();
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new EmbedException(EmbedFailureKind.Unusable, $"{path}: {OneLine.Of(wrong.Message, 200)}", inner: wrong);
        }
    }

    private static bool? Flag(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement found) && found.ValueKind is JsonValueKind.True or JsonValueKind.False ? found.GetBoolean() : null;

    /// <summary>A positive number; what is no length (a tokenizer without limit says 1e30) is none.</summary>
    private static int? Number(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement found) && found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out int number) && number > 0 ? number : null;

    private static EmbedException Unusable(string reason) => new(EmbedFailureKind.Unusable, reason);
}

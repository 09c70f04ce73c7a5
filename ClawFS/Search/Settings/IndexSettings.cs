using System.Globalization;
using System.Text;
using ClawFS.Embedding;

namespace ClawFS.Search;

/// <summary>How the index is made: the content of sys/index/params, one "name=value" a line. Kept in the store.</summary>
public sealed record IndexSettings
{
    internal const int LeastM = 4, MostM = 64, LeastEfConstruction = 16, MostEfConstruction = 2000, MostDimensions = 384;

    /// <summary>Whether nothing is indexed ("index=off"): searches find nothing, and the index costs neither memory nor time. What the store has of it stays for when it is switched on.</summary>
    public bool IsOff { get; init; }

    /// <summary>Links of a node in the graph above level 0; twice as many at level 0. 4 to 64.</summary>
    public int M { get; init; } = 16;

    /// <summary>Width of the search for neighbours at insert, 16 to 2000.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Width of a search, 8 to 4000; more finds more and takes longer.</summary>
    public int EfSearch { get; init; } = 64;

    /// <summary>Dimensions of the built-in embedder, 32 to 384.</summary>
    public int Dimensions { get; init; } = 256;

    /// <summary>
    /// What makes vectors: "lsi" (built in, fitted on this store), "none" (words only), "onnx:/folder" (a model on this machine), "openai:MODEL" (a server as OpenAI's, at
    /// <see cref="Url"/>), "ollama:MODEL".
    /// </summary>
    public string Embedder { get; init; } = "lsi";

    /// <summary>
    /// Whether full vectors are kept in the encrypted store alone ("vectors=compact"), not also in memory ("vectors=resident"): about a third of the memory, and searches that read the best rows from the store.
    /// </summary>
    public bool IsCompact { get; init; }

    /// <summary>Where the server of a remote embedder is; empty: Ollama's on this machine.</summary>
    public string Url { get; init; } = "";

    /// <summary>Absolute path of a file with the server's key; empty: none, or the environment's.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>What the vectors count beside the words, 0 to 1; null: measured on the store.</summary>
    public float? Trust { get; init; }

    /// <summary>What the worker process embeds with; null where the embedder is in this process, or none.</summary>
    internal EmbedderSettings? Worker => Embedder.Split(':', 2) switch
    {
        ["onnx", var folder] => new EmbedderSettings(EmbedderKind.Onnx, folder, Url, KeyFile),
        ["openai", var model] => new EmbedderSettings(EmbedderKind.OpenAi, model, Url, KeyFile),
        ["ollama", var model] => new EmbedderSettings(EmbedderKind.Ollama, model, Url.Length == 0 ? OllamaHere : Url, KeyFile),
        _ => null,
    };

    /// <summary>Why the settings together cannot be used, or null.</summary>
    public string? Fault => Worker is { } worker ? worker.Fault : Url.Length + KeyFile.Length > 0 ? "url and key belong to a remote embedder" : null;

    private const string OllamaHere = "http://127.0.0.1:11434";

    /// <summary>Files with more bytes are not indexed. 4 KiB to 256 MiB.</summary>
    public int MaxFileBytes { get; init; } = 64 << 20;

    /// <summary>Reads settings; the names that are missing are as by default.</summary>
    /// <param name="text">Lines or words "name=value"; what follows a '#' at the beginning of a word is a remark.</param>
    /// <param name="settings">The settings.</param>
    /// <returns>Null, or the word that is wrong with the reason.</returns>
    public static (string Word, string Reason)? TryParse(string text, out IndexSettings settings) => new IndexSettings().TryChange(text, out settings);

    /// <summary>These settings with some changed; the names that are missing stay as they are.</summary>
    /// <param name="text">As for <see cref="TryParse"/>.</param>
    /// <param name="settings">The settings.</param>
    /// <returns>Null, or the word that is wrong with the reason.</returns>
    public (string Word, string Reason)? TryChange(string text, out IndexSettings settings)
    {
        settings = this;
        foreach (string line in text.Split('\n'))
        {
            foreach (string word in line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (word[0] == '#')
                {
                    break;
                }
                int equals = word.IndexOf('=');
                if (settings.With(word[..Math.Max(equals, 0)], word[(equals + 1)..], out IndexSettings next) is { } reason)
                {
                    return (word, reason);
                }
                settings = next;
            }
        }
        return null;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(IsOff ? "index=off\n" : "index=on\n");
        text.Append(CultureInfo.InvariantCulture, $"M={M}\nefConstruction={EfConstruction}\nefSearch={EfSearch}\n");
        text.Append(CultureInfo.InvariantCulture, $"dimensions={Dimensions}\nembedder={Embedder}\nvectors={(IsCompact ? "compact" : "resident")}\nmaxFileBytes={MaxFileBytes}\n");
        text.Append(Url.Length > 0 ? $"url={Url}\n" : "").Append(KeyFile.Length > 0 ? $"key={KeyFile}\n" : "");
        text.Append(Trust is { } trust ? string.Create(CultureInfo.InvariantCulture, $"trust={trust}\n") : "");
        return text.ToString();
    }

    private string? With(string name, string value, out IndexSettings next)
    {
        next = this;
        switch (name)
        {
            case "index":
                return value is "on" or "off" ? Take(this with { IsOff = value == "off" }, out next) : "index is on or off";
            case "M":
                return Number(value, LeastM, MostM, out int m) ?? Take(this with { M = m }, out next);
            case "efConstruction":
                return Number(value, LeastEfConstruction, MostEfConstruction, out int construction) ?? Take(this with { EfConstruction = construction }, out next);
            case "efSearch":
                return Number(value, 8, 4000, out int search) ?? Take(this with { EfSearch = search }, out next);
            case "dimensions":
                return Number(value, 32, MostDimensions, out int dimensions) ?? Take(this with { Dimensions = dimensions }, out next);
            case "maxFileBytes":
                return Number(value, 4096, 256 << 20, out int bytes) ?? Take(this with { MaxFileBytes = bytes }, out next);
            case "embedder":
                bool isKnown = value is "lsi" or "none" || value.Split(':', 2) is ["onnx" or "openai" or "ollama", { Length: > 0 }];
                return isKnown ? Take(this with { Embedder = value }, out next) : "embedder is lsi, none, onnx:/FOLDER, openai:MODEL or ollama:MODEL";
            case "vectors":
                return value is "resident" or "compact" ? Take(this with { IsCompact = value == "compact" }, out next) : "vectors is resident or compact";
            case "url":
                return Take(this with { Url = value }, out next);
            case "key":
                // Whatever is not a path might be the key itself, which must not be kept here: everybody may read this file.
                return value.Length == 0 || Path.IsPathRooted(value) ? Take(this with { KeyFile = value }, out next) : "key names a file with the key in it, by its absolute path";
            case "trust":
                return value == "measured" ? Take(this with { Trust = null }, out next)
                    : float.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out float trust) && trust is >= 0 and <= 1 ? Take(this with { Trust = trust }, out next)
                    : "trust is measured, or a number from 0 to 1";
            default:
                return "the names are index, M, efConstruction, efSearch, dimensions, embedder, vectors, url, key, trust and maxFileBytes, each with =VALUE";
        }
    }

    private static string? Number(string value, int least, int most, out int number) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most ? null : $"a number from {least} to {most} is wanted";

    private static string? Take(IndexSettings changed, out IndexSettings next)
    {
        next = changed;
        return null;
    }
}

using System.Text;

namespace ClawFS.Embedding;

/// <summary>What a worker shall embed with. No secret is in it: a key lies in a file that the worker reads, or in its environment.</summary>
/// <param name="Kind">Where vectors come from.</param>
/// <param name="Model">Of <see cref="EmbedderKind.Onnx"/> the folder, by its absolute path; else the model's name at the server.</param>
/// <param name="Url">Of a server: "https://host/v1"; empty for a folder.</param>
/// <param name="KeyFile">Absolute path of a file with the server's key; empty: the environment's, if there is one.</param>
public sealed record EmbedderSettings(EmbedderKind Kind, string Model, string Url = "", string KeyFile = "")
{
    /// <summary>Name of the environment variable with the server's key.</summary>
    public const string KeyVariable = "CLAW_EMBED_KEY";

    /// <summary>Whether texts leave this process by the network.</summary>
    public bool IsRemote => Kind != EmbedderKind.Onnx;

    /// <summary>Why these settings cannot be used, or null.</summary>
    public string? Fault =>
        Kind is not (EmbedderKind.Onnx or EmbedderKind.OpenAi or EmbedderKind.Ollama) ? "no such kind of embedder"
        : Encoding.UTF8.GetByteCount(Model + Url + KeyFile) > EmbedLimits.MaxName ? $"model, url and key have more than {EmbedLimits.MaxName} bytes"
        : Model.Length == 0 || Model.Any(char.IsControl) ? "a model is wanted"
        : Kind == EmbedderKind.Onnx ? (Path.IsPathRooted(Model) ? (Url.Length + KeyFile.Length == 0 ? null : "a model folder has no url and no key") : "the model folder is wanted by its absolute path")
        : KeyFile.Length > 0 && !Path.IsPathRooted(KeyFile) ? "key names a file with the key in it, by its absolute path"
        : FaultOf(Url, KeyFile.Length > 0);

    /// <summary>The name of what makes the vectors, as far as the settings tell: "ollama:nomic-embed-text".</summary>
    public override string ToString() => Kind switch
    {
        EmbedderKind.Onnx => $"onnx:{Model}",
        EmbedderKind.OpenAi => $"openai:{Model}",
        _ => $"ollama:{Model}",
    };

    private static string? FaultOf(string text, bool hasKey)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || text.Any(char.IsControl))
        {
            return "url=http://HOST... or url=https://HOST... is wanted";
        }
        return url.UserInfo.Length + url.Query.Length + url.Fragment.Length > 0 ? "the url has no user, no question mark and no #: a key stands in a file (key=/path)"
            : hasKey && url.Scheme == "http" && !url.IsLoopback ? "a key goes to another machine by https only"
            : null;
    }
}

namespace ClawFS.Embedding;

/// <summary>Where vectors come from. The numbers are those of the protocol.</summary>
public enum EmbedderKind : byte
{
    /// <summary>A model folder on this machine, run by ONNX Runtime.</summary>
    Onnx = 1,

    /// <summary>POST /v1/embeddings as OpenAI defines it.</summary>
    OpenAi = 2,

    /// <summary>POST /api/embed as Ollama defines it.</summary>
    Ollama = 3,
}

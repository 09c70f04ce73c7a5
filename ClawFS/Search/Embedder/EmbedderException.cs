using ClawFS.Embedding;

namespace ClawFS.Search.Embedder;

/// <summary>An embedder in another process gives no vectors for now; the message is one line.</summary>
internal sealed class EmbedderException(EmbedFailureKind kind, string reason, uint retryMilliseconds = 0) : Exception(reason)
{
    /// <summary>What it means for the next try.</summary>
    public EmbedFailureKind Kind { get; } = kind;

    /// <summary>Milliseconds to leave it alone; 0: nobody says.</summary>
    public uint RetryMilliseconds { get; } = retryMilliseconds;
}

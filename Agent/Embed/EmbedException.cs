using ClawFS.Embedding;

namespace ClawOS.Embed;

/// <summary>Why there are no vectors, in one line that names neither a text nor a key.</summary>
internal sealed class EmbedException(EmbedFailureKind kind, string reason, TimeSpan retryAfter = default, Exception? inner = null) : Exception(reason, inner)
{
    /// <summary>What it means for the next try.</summary>
    internal EmbedFailureKind Kind { get; } = kind;

    /// <summary>How long the server wants to be left alone; zero where it does not say.</summary>
    internal TimeSpan RetryAfter { get; } = retryAfter;
}

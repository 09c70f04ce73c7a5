namespace ClawFS.Embedding;

/// <summary>One message between fs and the embed worker; <see cref="EmbedWire"/> makes bytes of it and reads them.</summary>
public abstract record EmbedFrame;

/// <summary>From fs, once and first: what to embed with.</summary>
/// <param name="Settings">What to embed with.</param>
public sealed record ModelFrame(EmbedderSettings Settings) : EmbedFrame;

/// <summary>From fs: texts that want vectors.</summary>
/// <param name="Id">Names the batch in the answer; not 0, not of a batch under way.</param>
/// <param name="IsQuestion">A question is answered before passages that wait.</param>
/// <param name="Milliseconds">How long the worker may try.</param>
/// <param name="Texts">1 to <see cref="EmbedLimits.MaxTexts"/>.</param>
public sealed record TextsFrame(uint Id, bool IsQuestion, uint Milliseconds, IReadOnlyList<string> Texts) : EmbedFrame;

/// <summary>From the worker, once, when the model answers.</summary>
/// <param name="Dimensions">Numbers of each vector.</param>
/// <param name="Name">Names the model and its version: vectors of different names are never compared.</param>
public sealed record ReadyFrame(int Dimensions, string Name) : EmbedFrame;

/// <summary>From the worker: some vectors of a batch, in the order of the texts.</summary>
/// <param name="Id">The batch.</param>
/// <param name="First">Number of the first text that these are of, from 0: as many as came before.</param>
/// <param name="Vectors">All of the dimensions that were told, every number finite.</param>
public sealed record VectorsFrame(uint Id, int First, IReadOnlyList<float[]> Vectors) : EmbedFrame;

/// <summary>From the worker: a batch has no vectors, or (0) the model cannot be had.</summary>
/// <param name="Id">The batch, or 0.</param>
/// <param name="Kind">What to do about it.</param>
/// <param name="RetryMilliseconds">How long to leave it alone; 0: it does not say.</param>
/// <param name="Reason">One line without any text or key.</param>
public sealed record FailedFrame(uint Id, EmbedFailureKind Kind, uint RetryMilliseconds, string Reason) : EmbedFrame;

/// <summary>What a failure means for the next try. The numbers are those of the protocol.</summary>
public enum EmbedFailureKind : byte
{
    /// <summary>It may go another time: too many requests, a server that is down, out of time.</summary>
    Again = 1,

    /// <summary>Not with these texts.</summary>
    Refused = 2,

    /// <summary>Not with these settings: no such model, no key, a model of another kind.</summary>
    Unusable = 3,
}

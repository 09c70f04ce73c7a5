using ClawFS.Search.Lexical;

namespace ClawFS.Search.Semantic;

/// <summary>
/// What makes the vectors of one generation. One that is fitted on the store answers at once from terms; one that runs in a worker or far away reads text, answers later, and may not answer at all. Safe for
/// any number of threads.
/// </summary>
internal abstract class EmbeddingModel
{
    /// <summary>Which model it is, without blanks: "lsi", "onnx:NAME", "openai:MODEL". A generation keeps the model it began with.</summary>
    public abstract string Name { get; }

    /// <summary>Floats of a vector, 2 to 4096; fixed for its life.</summary>
    public abstract int Dimensions { get; }

    /// <summary>Chunks of the store that it was fitted on; 0 for a model that came from elsewhere and never needs a fit.</summary>
    public abstract long FittedOn { get; }

    /// <summary>Bytes of memory held in this process.</summary>
    public abstract long MemoryBytes { get; }

    /// <summary>Whether <see cref="Embed"/> wants the text of chunks beside their terms.</summary>
    public abstract bool ReadsText { get; }

    /// <summary>Chunks that are worth handing over at a time.</summary>
    public abstract int BatchSize { get; }

    /// <summary>Terms of the store's table below this number give the model its meaning: where they are others, it is of no use. 0: it does not depend on terms.</summary>
    public abstract int TermBound { get; }

    /// <summary>What the store keeps of it beside its name; empty where the name says all.</summary>
    public abstract byte[] ToBytes();

    /// <summary>Embeds a question. Whoever asks waits a limited time and goes on by words alone.</summary>
    /// <param name="text">As typed, without filters.</param>
    /// <param name="terms">Its terms.</param>
    /// <param name="cancel">Nobody waits for it any more.</param>
    /// <returns>Its vector, or <see cref="QueryVector.None"/> when the model has nothing to say. Completed at once where there is nothing to wait for; faulted when the embedder failed.</returns>
    public abstract ValueTask<QueryVector> EmbedQuery(string text, QueryTerms terms, CancellationToken cancel);

    /// <summary>Embeds chunks.</summary>
    /// <param name="chunks">At most <see cref="BatchSize"/>; not changed before the task has ended.</param>
    /// <param name="vectors">Gets <see cref="Dimensions"/> floats a chunk, in order, finite; zeros where there is nothing to say about a chunk.</param>
    /// <param name="cancel">The generation is not wanted any more.</param>
    /// <returns>Completed at once where there is nothing to wait for. Faulted: the chunks are handed over again later.</returns>
    public abstract ValueTask Embed(IReadOnlyList<ChunkToEmbed> chunks, Memory<float> vectors, CancellationToken cancel);
}

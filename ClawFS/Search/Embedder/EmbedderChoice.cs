using ClawFS.Embedding;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Embedder;

/// <summary>
/// Brings the embedder that the settings want: keeps the one in use alive, starts another beside it when the settings or its model have changed, and says when there is a model to make
/// a generation with. Only the index's thread calls it.
/// </summary>
/// <param name="workers">Where workers come from.</param>
/// <param name="report">Told a line when an embedder begins to fail.</param>
internal sealed class EmbedderChoice(EmbedWorkers workers, Action<string> report) : IDisposable
{
    private WorkerEmbedder? next;

    /// <summary>What goes wrong with the embedder that is wanted and not in use yet.</summary>
    public string? Trouble => next?.Trouble;

    /// <summary>Makes the embedder of a generation that is being loaded, which the first <see cref="Step"/> starts.</summary>
    public WorkerEmbedder? Begin(EmbedderSettings? wanted) =>
        next = wanted is null ? null : new WorkerEmbedder(wanted, 0, workers, report, new EmbedderTimes());

    /// <summary>Goes on.</summary>
    /// <param name="wanted">What the settings say; null for a model of this process, or none.</param>
    /// <param name="inUse">The model that searches use; null without.</param>
    /// <returns>The model that shall take its place, as soon as it answers; null where that in use is the right one.</returns>
    public WorkerModel? Step(EmbedderSettings? wanted, EmbeddingModel? inUse)
    {
        WorkerModel? serving = inUse as WorkerModel;
        serving?.Embedder.Tick();
        if (wanted is null || serving?.Embedder.Settings == wanted)
        {
            next?.Dispose();
            next = null;
            return wanted is not null && serving is { IsReplaced: true, Embedder: { Known: { } other } embedder } ? new WorkerModel(embedder, other.Name, other.Dimensions) : null;
        }
        if (next?.Settings != wanted)
        {
            next?.Dispose();
            next = new WorkerEmbedder(wanted, serving is null ? 0 : EmbedWorkers.Places - 1 - serving.Embedder.Place, workers, report, new EmbedderTimes());
        }
        next.Tick();
        if (next.Known is not { } known)
        {
            return null;
        }
        if (serving is not null && serving.Name == known.Name && serving.Dimensions == known.Dimensions)
        {
            // The same model by other settings: another key, for instance.
            serving.Use(next).Dispose();
            next = null;
            return null;
        }
        return new WorkerModel(next, known.Name, known.Dimensions);
    }

    /// <summary>A generation is in use, or none: its embedder is kept alive from now on, and that of the one before is not wanted any more.</summary>
    public void Took(EmbeddingModel? model, EmbeddingModel? before)
    {
        WorkerEmbedder? kept = (model as WorkerModel)?.Embedder;
        if (kept is not null && kept == next)
        {
            next = null;
        }
        if ((before as WorkerModel)?.Embedder is { } old && old != kept)
        {
            old.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        next?.Dispose();
        next = null;
    }
}

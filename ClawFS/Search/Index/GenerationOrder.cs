using ClawFS.Search.Embedder;
using ClawFS.Search.Semantic;
using ClawFS.Store;

namespace ClawFS.Search.Index;

/// <summary>A generation that is to be made.</summary>
internal sealed class GenerationOrder
{
    /// <summary>Fewer chunks than these are searched by their words alone: a model of so few texts says nothing that the words do not.</summary>
    public const int LeastChunks = 200;

    /// <summary>A model is made anew when the store has so many times the chunks it was fitted on.</summary>
    private const int Growth = 2;

    /// <summary>Its number.</summary>
    public required int Number { get; init; }

    /// <summary>How it is made.</summary>
    public required IndexSettings Settings { get; init; }

    /// <summary>Its model; null: a new one is fitted.</summary>
    public EmbeddingModel? Model { get; init; }

    /// <summary>Reads the texts of chunks, for this generation alone.</summary>
    public required ChunkText Text { get; init; }

    /// <summary>Where it is kept; null on a read-only store.</summary>
    public StoredTree? Tree { get; init; }

    /// <summary>Told why the store does not take it.</summary>
    public required Action<string> Trouble { get; init; }

    /// <summary>Makes the file of its full vectors; null without a store.</summary>
    public Func<HiddenFile>? OpenRows => Tree is { } tree ? () => Begin(tree) : null;

    /// <summary>Whether a generation has to be made: there is enough text, and no model, one of far fewer chunks or other words, or a graph made in another way.</summary>
    /// <param name="state">The chunks.</param>
    /// <param name="now">The generation there is.</param>
    /// <param name="words">Those that are new to it.</param>
    /// <param name="settings">How one is made now.</param>
    /// <param name="other">A model from elsewhere that shall take the place of the one there is.</param>
    /// <param name="model">The model to go on with; null: a new one is fitted.</param>
    public static bool IsDue(IndexState state, Generation? now, NewWords words, IndexSettings settings, WorkerModel? other, out EmbeddingModel? model)
    {
        if (settings.Worker is not null)
        {
            model = other ?? now?.Model as WorkerModel;
            return model is not null && state.Chunks.Live > 0 && (other is not null || HasOtherGraph(now!, settings));
        }
        LsiModel? fitted = now?.Model as LsiModel;
        model = fitted;
        if (settings.Embedder != LsiModel.LsiName || state.Chunks.Live < LeastChunks)
        {
            return false;
        }
        if (fitted is null || now!.Settings.Dimensions != settings.Dimensions || state.Chunks.Live >= Growth * fitted.FittedOn || words.AreTooMany(state, fitted))
        {
            model = null;
            return true;
        }
        return HasOtherGraph(now, settings);
    }

    private static bool HasOtherGraph(Generation now, IndexSettings settings) =>
        (now.Settings.M, now.Settings.EfConstruction, now.Settings.IsCompact) != (settings.M, settings.EfConstruction, settings.IsCompact);

    /// <summary>What a generation of this number left that was never finished goes first.</summary>
    private HiddenFile Begin(StoredTree tree)
    {
        GenerationFiles.Delete(tree, Number);
        return new HiddenFile(tree, GenerationFiles.Rows(Number));
    }
}

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
    public LsiModel? Model { get; init; }

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
    /// <param name="model">The model to go on with; null: a new one is wanted.</param>
    public static bool IsDue(IndexState state, Generation? now, NewWords words, IndexSettings settings, out LsiModel? model)
    {
        model = now?.Model as LsiModel;
        if (settings.Embedder != LsiModel.LsiName || state.Chunks.Live < LeastChunks)
        {
            return false;
        }
        if (model is null || now!.Settings.Dimensions != settings.Dimensions || state.Chunks.Live >= Growth * model.FittedOn || words.AreTooMany(state, model))
        {
            model = null;
            return true;
        }
        return (now.Settings.M, now.Settings.EfConstruction, now.Settings.IsCompact) != (settings.M, settings.EfConstruction, settings.IsCompact);
    }

    /// <summary>What a generation of this number left that was never finished goes first.</summary>
    private HiddenFile Begin(StoredTree tree)
    {
        GenerationFiles.Delete(tree, Number);
        return new HiddenFile(tree, GenerationFiles.Rows(Number));
    }
}

namespace ClawFS.Search.Semantic;

/// <summary>When a store's own text is worth another fit.</summary>
internal static class RefitRule
{
    /// <summary>Below this many chunks there is too little text for a fit.</summary>
    internal const int LeastChunks = 64;

    private const double Growth = 2, MostUnknown = 0.15;

    /// <param name="chunks">Chunks that the store has now.</param>
    /// <param name="model">The model in use, or null.</param>
    /// <param name="unknownShare">Mean share of the weight of new chunks that the model does not know (1 less what <see cref="LsiModel.Embed"/> returns), 0 to 1.</param>
    /// <returns>True when the store has twice the chunks that the model was fitted on, or new text brings too many words that it does not know.</returns>
    internal static bool IsDue(long chunks, LsiModel? model, double unknownShare)
    {
        if (chunks < LeastChunks)
            return false;
        return model is null || chunks >= model.Chunks * Growth || unknownShare > MostUnknown;
    }
}

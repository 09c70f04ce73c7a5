namespace ClawFS.Search.Ranking;

/// <summary>
/// How far a generation's vectors are trusted beside full text. <see cref="Calibration"/> measures it on the store itself; it is stored with the generation.
/// </summary>
/// <param name="Agreement">Share of full text's ten best chunks that are among the fifty nearest vectors, mean over sampled queries; 0 to 1.</param>
/// <param name="Samples">Queries that were sampled.</param>
internal readonly record struct FusionWeights(float Agreement, int Samples)
{
    // Collections whose vectors helped agreed to 0.85 and more, those whose vectors did harm to 0.78 and less (docs/search.md has the table).
    private const float NoTrust = 0.79f, FullTrust = 0.85f;

    // As if so many samples without any agreement had been seen.
    private const float Doubt = 2;

    /// <summary>Vectors only fill up what full text leaves: for vectors that know no more than the words.</summary>
    internal static FusionWeights LexicalOnly => default;

    /// <summary>The weights with which vectors are trusted as much as somebody says, 0 to 1.</summary>
    internal static FusionWeights Of(float trust) => new(NoTrust + (trust * (FullTrust - NoTrust)), 1_000_000);

    /// <summary>0 when vectors only fill up, 1 when they count in full.</summary>
    internal float Trust => Samples == 0 ? 0 : Math.Clamp(((Agreement * Samples / (Samples + Doubt)) - NoTrust) / (FullTrust - NoTrust), 0, 1);
}

using System.Globalization;

namespace ClawFS.Search;

/// <summary>How a question is answered.</summary>
/// <param name="Count">Most hits, 1 to <see cref="MaxCount"/>.</param>
/// <param name="Mode">What hits are ranked by.</param>
/// <param name="Ef">Width of the search in the vector index; 0 = as the index is set.</param>
public sealed record SearchOptions(int Count = 20, RankingMode Mode = RankingMode.Hybrid, int Ef = 0)
{
    /// <summary>Most hits of an answer.</summary>
    public const int MaxCount = 1000;

    /// <summary>Reads "k=20 ef=128 mode=hybrid"; what it does not know stays as it is by default.</summary>
    public static SearchOptions Parse(string text)
    {
        SearchOptions options = new();
        foreach (string part in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            options = options.With(part) ?? options;
        }
        return options;
    }

    /// <summary>These options with one "name=value" changed; null if there is no such option or value.</summary>
    public SearchOptions? With(string setting)
    {
        int equals = setting.IndexOf('=');
        string value = setting[(equals + 1)..];
        bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        return setting[..Math.Max(equals, 0)] switch
        {
            "k" when isNumber && number is > 0 and <= MaxCount => this with { Count = number },
            "ef" when isNumber && number <= 10_000 => this with { Ef = number },
            "mode" when Enum.TryParse(value, ignoreCase: true, out RankingMode mode) && !isNumber => this with { Mode = mode },
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"k={Count} ef={Ef} mode={Mode.ToString().ToLowerInvariant()}");
}

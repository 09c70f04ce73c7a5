namespace ClawFS.Search.Text;

/// <summary>A light suffix stripper for English: plural, past, gerund, adverb. One suffix goes, and three letters stay.</summary>
internal static class Stemmer
{
    private const int Stays = 3;

    /// <param name="word">Lower-case ASCII letters.</param>
    /// <returns>How many bytes of the word are its stem.</returns>
    internal static int Length(ReadOnlySpan<byte> word)
    {
        int length = word.Length;
        if (length <= Stays)
            return length;
        return word[^1] switch
        {
            (byte)'y' => Without(word, "ingly"u8) ?? Without(word, "edly"u8) ?? Without(word, "ly"u8) ?? length,
            (byte)'s' => Without(word, "ings"u8) ?? Without(word, "ies"u8) ?? Without(word, "es"u8) ?? Without(word, "s"u8) ?? length,
            (byte)'g' => Without(word, "ing"u8) ?? length,
            (byte)'d' => Without(word, "ied"u8) ?? Without(word, "ed"u8) ?? length,
            _ => length,
        };
    }

    private static int? Without(ReadOnlySpan<byte> word, ReadOnlySpan<byte> suffix) =>
        word.Length - suffix.Length >= Stays && word.EndsWith(suffix) ? word.Length - suffix.Length : null;
}

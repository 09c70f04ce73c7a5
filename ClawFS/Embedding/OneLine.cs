using System.Text;

namespace ClawFS.Embedding;

/// <summary>Text from somewhere else as one line that can be shown.</summary>
public static class OneLine
{
    /// <summary>The text without control characters, cut at so many bytes of UTF-8.</summary>
    public static string Of(string text, int maxBytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder line = new();
        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Rune shown = Rune.IsControl(rune) ? new Rune(' ') : rune;
            bytes += shown.Utf8SequenceLength;
            if (bytes > maxBytes)
            {
                break;
            }
            line.Append(shown);
        }
        return line.ToString().Trim();
    }
}

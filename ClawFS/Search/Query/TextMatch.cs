using System.Text;

namespace ClawFS.Search.Query;

/// <summary>Whether a text contains a phrase: case does not matter, and any run of white space stands for a blank.</summary>
internal static class TextMatch
{
    /// <summary>The text as phrases are looked for in it.</summary>
    public static string Normalise(string text)
    {
        StringBuilder normal = new(text.Length);
        bool blank = true;
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                if (!blank)
                {
                    normal.Append(' ');
                }
                blank = true;
                continue;
            }
            blank = false;
            normal.Append(char.ToLowerInvariant(c));
        }
        return normal.ToString().TrimEnd();
    }

    /// <summary>Whether a normalised text contains a phrase, which begins and ends where words do: "art" is not in "start".</summary>
    public static bool Contains(string normalised, string phrase)
    {
        string wanted = Normalise(phrase);
        if (wanted.Length == 0)
        {
            return true;
        }
        for (int at = normalised.IndexOf(wanted, StringComparison.Ordinal); at >= 0; at = normalised.IndexOf(wanted, at + 1, StringComparison.Ordinal))
        {
            int end = at + wanted.Length;
            if ((at == 0 || !Joins(normalised[at - 1], normalised[at])) && (end == normalised.Length || !Joins(normalised[end - 1], normalised[end])))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether two neighbours belong to one word. Scripts without blanks have no such places.</summary>
    private static bool Joins(char left, char right) => IsAlphabetic(left) && IsAlphabetic(right);

    private static bool IsAlphabetic(char c) => char.IsLetterOrDigit(c) && c < '\u2E80';
}

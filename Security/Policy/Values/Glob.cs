namespace ClawOS.Security.Policy.Values;

/// <summary>Patterns of paths (* and ? stay within a segment, ** passes over slashes) and of arguments (where a slash is a character like others).</summary>
internal static class Glob
{
    /// <summary>What separates segments of paths.</summary>
    internal const char Slash = '/';

    /// <summary>For arguments: no character separates. An argument cannot hold this one.</summary>
    internal const char None = '\0';

    internal static bool IsPattern(ReadOnlySpan<char> text) => text.ContainsAny('*', '?');

    /// <summary>Whether a text matches. No allocation; time at most the product of both lengths a "**".</summary>
    internal static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text, char separator)
    {
        int at = 0, position = 0;
        // Where to go on with one character more taken by the last star, and by the last double star.
        int starAt = -1, starPosition = 0, doubleAt = -1, doublePosition = 0;
        while (true)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                bool isDouble = at + 1 < pattern.Length && pattern[at + 1] == '*';
                at += isDouble ? 2 : 1;
                (doubleAt, doublePosition) = isDouble ? (at, position) : (doubleAt, doublePosition);
                (starAt, starPosition) = isDouble ? (-1, 0) : (at, position);
            }
            else if (position < text.Length && at < pattern.Length && Takes(pattern[at], text[position], separator))
            {
                at++;
                position++;
            }
            else if (position == text.Length && at == pattern.Length)
            {
                return true;
            }
            else if (starAt >= 0 && starPosition < text.Length && text[starPosition] != separator)
            {
                at = starAt;
                position = ++starPosition;
            }
            else if (doubleAt >= 0 && doublePosition < text.Length)
            {
                at = doubleAt;
                position = ++doublePosition;
                starAt = -1;
            }
            else
            {
                return false;
            }
        }
    }

    /// <summary>Whether all that one pattern matches, another matches too. Never a false yes; a false no where stars of one fall between stars of the other.</summary>
    internal static bool Covers(string wide, string narrow, char separator)
    {
        Symbol[] outer = Symbols(wide);
        Symbol[] inner = Symbols(narrow);
        // reached[j]: the inner pattern up to here fits the first j symbols of the outer one.
        bool[] reached = new bool[outer.Length + 1];
        reached[0] = true;
        SkipStars(outer, reached);
        foreach (Symbol symbol in inner)
        {
            bool[] next = new bool[outer.Length + 1];
            for (int j = 0; j < outer.Length; j++)
            {
                if (!reached[j])
                {
                    continue;
                }

                switch (outer[j].Kind)
                {
                    case Kind.Double:
                    case Kind.Star when symbol.Kind != Kind.Double && !(symbol.Kind == Kind.Letter && symbol.Letter == separator):
                        next[j] = true;
                        break;
                    case Kind.One when symbol.Kind == Kind.One || (symbol.Kind == Kind.Letter && symbol.Letter != separator):
                    case Kind.Letter when symbol.Kind == Kind.Letter && symbol.Letter == outer[j].Letter:
                        next[j + 1] = true;
                        break;
                    default:
                        break;
                }
            }

            SkipStars(outer, next);
            reached = next;
        }

        return reached[^1];
    }

    private static bool Takes(char pattern, char character, char separator) =>
        pattern == '?' ? character != separator : pattern == character;

    /// <summary>A star may stand for nothing.</summary>
    private static void SkipStars(Symbol[] outer, bool[] reached)
    {
        for (int j = 0; j < outer.Length; j++)
        {
            reached[j + 1] |= reached[j] && outer[j].Kind is (Kind.Star or Kind.Double);
        }
    }

    private static Symbol[] Symbols(string pattern)
    {
        List<Symbol> symbols = new(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            bool isDouble = pattern[i] == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*';
            symbols.Add(new Symbol(isDouble ? Kind.Double : pattern[i] == '*' ? Kind.Star : pattern[i] == '?' ? Kind.One : Kind.Letter, pattern[i]));
            i += isDouble ? 1 : 0;
        }

        return [.. symbols];
    }

    private enum Kind
    {
        Letter,
        One,
        Star,
        Double,
    }

    private readonly record struct Symbol(Kind Kind, char Letter);
}

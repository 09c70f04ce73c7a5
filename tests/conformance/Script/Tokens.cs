using System.Globalization;
using System.Text;

namespace ClawOS.Conformance.Script;

/// <summary>
/// Cuts steps into words. "..." keeps blanks and semicolons; \xHH, \n, \s (blank) and \\ stand for bytes; {a*N} is N times the
/// character a, {path*N} a path of exactly N bytes that leads to the name x (or xx).
/// </summary>
internal static class Tokens
{
    public static List<List<string>> Cut(string steps)
    {
        List<List<string>> all = [[]];
        int i = 0;
        while (i < steps.Length)
        {
            if (steps[i] == ' ')
                i++;
            else if (steps[i] == ';')
            {
                all.Add([]);
                i++;
            }
            else
                all[^1].Add(Word(steps, ref i));
        }
        all.RemoveAll(step => step.Count == 0);
        return all;
    }

    private static string Word(string s, ref int i)
    {
        StringBuilder word = new();
        bool quoted = false;
        for (; i < s.Length && (quoted || s[i] is not (' ' or ';')); i++)
        {
            switch (s[i])
            {
                case '"':
                    quoted = !quoted;
                    break;
                case '\\':
                    word.Append(Escape(s, ref i));
                    break;
                case '{':
                    int end = s.IndexOf('}', i);
                    word.Append(Repeat(s[(i + 1)..end]));
                    i = end;
                    break;
                default:
                    word.Append(s[i]);
                    break;
            }
        }
        return word.ToString();
    }

    private static char Escape(string s, ref int i)
    {
        switch (s[++i])
        {
            case 'n':
                return '\n';
            case 's':
                return ' ';
            case 'x':
                i += 2;
                return (char)byte.Parse(s.AsSpan(i - 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            default:
                return s[i];
        }
    }

    private static string Repeat(string macro)
    {
        string[] parts = macro.Split('*');
        int count = int.Parse(parts[1], CultureInfo.InvariantCulture);
        return parts[0] == "path"
            ? string.Concat(Enumerable.Repeat("./", (count - 1) / 2)) + new string('x', count - (count - 1) / 2 * 2)
            : new string(parts[0][0], count);
    }
}

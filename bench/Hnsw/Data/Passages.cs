using System.Text;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>Real text cut into passages of at most 110 words: HTML, POD and WordNet's glosses below a folder, in the order of their paths, without repeats.</summary>
internal static class Passages
{
    private const int Words = 110;
    private const int FewestWords = 8;

    /// <summary>Reads every file of a known kind.</summary>
    /// <returns>Each passage as its lower-case words.</returns>
    public static List<string[]> Read(string folder)
    {
        List<string[]> passages = [];
        HashSet<ulong> seen = [];
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (Path.GetExtension(file) is ".html" or ".pod")
                Cut(Plain(File.ReadAllText(file)), passages, seen);
            else if (file.Contains("/wordnet/data.", StringComparison.Ordinal))
                Glosses(file, passages, seen);
        }

        return passages;
    }

    private static void Glosses(string file, List<string[]> passages, HashSet<ulong> seen)
    {
        foreach (string line in File.ReadLines(file))
        {
            int bar = line.IndexOf('|', StringComparison.Ordinal);
            if (bar > 0 && line[0] != ' ')
                Cut(line[(bar + 1)..], passages, seen);
        }
    }

    private static void Cut(string text, List<string[]> passages, HashSet<ulong> seen)
    {
        List<string> words = new(Words);
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_');
            if (inside && start < 0)
                start = i;
            if (inside || start < 0)
                continue;
            if (i - start is >= 2 and <= 30)
                words.Add(text[start..i].ToLowerInvariant());
            start = -1;
            if (words.Count == Words)
                Keep(words, passages, seen);
        }

        Keep(words, passages, seen);
    }

    private static void Keep(List<string> words, List<string[]> passages, HashSet<ulong> seen)
    {
        ulong hash = 14695981039346656037;
        foreach (string word in words)
        {
            foreach (char c in word)
                hash = (hash ^ c) * 1099511628211;
            hash *= 31;
        }

        if (words.Count >= FewestWords && seen.Add(hash))
            passages.Add([.. words]);
        words.Clear();
    }

    /// <summary>The text of a page: no tags, scripts, styles or navigation; entities become spaces.</summary>
    private static string Plain(string page)
    {
        StringBuilder text = new(page.Length / 2);
        int at = 0;
        while (at < page.Length)
        {
            int tag = page.IndexOf('<', at);
            if (tag < 0)
                tag = page.Length;
            text.Append(page, at, tag - at);
            if (tag == page.Length)
                break;
            int close = page.IndexOf('>', tag);
            if (close < 0)
                break;
            text.Append(' ');
            at = close + 1;
            foreach (string skipped in (string[])["script", "style", "nav", "head"])
            {
                if (string.CompareOrdinal(page, tag + 1, skipped, 0, skipped.Length) == 0 && !char.IsAsciiLetter(page[tag + 1 + skipped.Length]))
                {
                    int end = page.IndexOf("</" + skipped, at, StringComparison.Ordinal);
                    at = end < 0 ? at : end;
                }
            }
        }

        return text.Replace("&lt;", " ").Replace("&gt;", " ").Replace("&amp;", " ").Replace("&quot;", " ").ToString();
    }
}

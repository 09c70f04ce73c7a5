using System.Reflection;

namespace ClawOS.Conformance.Script;

/// <summary>
/// Reads the tables. A row is "sentence: step; step", steps may go on in indented lines, # starts a comment. In front of the sentence
/// stand alternatives, "[T/E: file/ENOTDIR dir/ok]": the row exists once a value, and $T and $E stand for its parts. Several groups
/// multiply. "+" stands for a blank inside a value.
/// </summary>
public static class TableReader
{
    public static IReadOnlyDictionary<string, Row> All { get; } = ReadAll();

    private static Dictionary<string, Row> ReadAll()
    {
        Assembly assembly = typeof(TableReader).Assembly;
        Dictionary<string, Row> rows = [];
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".txt", StringComparison.Ordinal)).Order())
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
            foreach (Row row in Read(Path.GetFileNameWithoutExtension(name), reader.ReadToEnd()))
                rows.Add(row.Key, row);
        }
        return rows;
    }

    internal static IEnumerable<Row> Read(string table, string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length == 0 || lines[i][0] == '#')
                continue;
            int first = i;
            string row = lines[i];
            while (i + 1 < lines.Length && lines[i + 1].StartsWith(' '))
                row += "; " + lines[++i].Trim();
            foreach (string expanded in Expand(row))
            {
                int colon = expanded.IndexOf(": ", StringComparison.Ordinal);
                if (colon < 0)
                    throw new FormatException($"{table}.txt line {first + 1}: no \": \" after the sentence");
                yield return new Row(table, first + 1, expanded[..colon].Trim(), expanded[(colon + 1)..].TrimStart(' ', ';'));
            }
        }
    }

    private static IEnumerable<string> Expand(string row)
    {
        if (row[0] != '[')
            return [row];
        int end = row.IndexOf(']');
        string[] head = row[1..end].Split(": ", 2);
        string[] names = head[0].Split('/');
        string rest = row[(end + 1)..].TrimStart();
        return head[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).SelectMany(value =>
        {
            string[] parts = names.Length == 1 ? [value] : value.Split('/');
            if (parts.Length != names.Length)
                throw new FormatException($"\"{value}\" has not as many parts as \"{head[0]}\"");
            string filled = rest;
            for (int i = 0; i < names.Length; i++)
                filled = filled.Replace("$" + names[i], parts[i].Replace('+', ' '), StringComparison.Ordinal);
            return Expand(filled);
        });
    }
}

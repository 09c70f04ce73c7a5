namespace ClawOS.Security.Policy.Values;

/// <summary>Finds what somebody meant who mistyped a name.</summary>
internal static class Similar
{
    // Longer words are no keys, and the table of distances grows with the square.
    private const int MaxLength = 40;

    /// <summary>The name that differs least, if it differs by no more than a third of its letters; else null.</summary>
    internal static string? Find(string typed, IEnumerable<string> names)
    {
        if (typed.Length > MaxLength)
        {
            return null;
        }

        string lower = typed.ToLowerInvariant();
        (string? name, int distance) = names
            .Select(name => ((string?)name, Distance(lower, name.ToLowerInvariant())))
            .OrderBy(pair => pair.Item2)
            .FirstOrDefault((null, 0));
        return name is not null && distance <= Math.Max(1, name.Length / 3) ? name : null;
    }

    /// <summary>"did you mean 'read'?", or empty.</summary>
    internal static string Suggest(string typed, IEnumerable<string> names) =>
        Find(typed, names) is { } name ? $"did you mean '{name}'?" : "";

    /// <summary>Letters to insert, drop, change or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string from, string to)
    {
        int[,] table = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    table[i, j] = i + j;
                    continue;
                }

                int changed = table[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                int best = Math.Min(changed, 1 + Math.Min(table[i - 1, j], table[i, j - 1]));
                bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
                table[i, j] = swapped ? Math.Min(best, table[i - 2, j - 2] + 1) : best;
            }
        }

        return table[from.Length, to.Length];
    }
}

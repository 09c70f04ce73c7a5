namespace ClawOS.Security.Seccomp;

/// <summary>What somebody who mistyped a name may have meant.</summary>
internal static class NearestName
{
    /// <returns>The name with the fewest changed letters, null if none is near: a third of the letters, at least one.</returns>
    internal static string? Of(string typed, IEnumerable<string> names)
    {
        (string? nearest, int least) = (null, Math.Max(1, typed.Length / 3) + 1);
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            int distance = Distance(typed, name);
            if (distance < least)
            {
                (nearest, least) = (name, distance);
            }
        }

        return nearest;
    }

    /// <summary>Letters to insert, remove, replace or swap with their neighbour (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                distance[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ when a[i - 1] == b[j - 1] => distance[i - 1, j - 1],
                    _ => 1 + Math.Min(distance[i - 1, j - 1], Math.Min(distance[i - 1, j], distance[i, j - 1])),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
                }
            }
        }

        return distance[a.Length, b.Length];
    }
}

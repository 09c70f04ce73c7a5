namespace ClawOS.Bench.Hnsw.Data;

/// <summary>Terms of passages as sparse rows: sublinear term frequency times inverse document frequency, each row of length 1.</summary>
internal sealed class TermMatrix
{
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly float[] idf;

    /// <summary>Takes the vocabulary from passages: terms in 3 of them at least and 20 % at most, the 60,000 most frequent.</summary>
    public TermMatrix(IReadOnlyList<string[]> passages)
    {
        Dictionary<string, int> documents = new(StringComparer.Ordinal);
        foreach (string[] passage in passages)
        {
            foreach (string word in passage.Distinct(StringComparer.Ordinal))
                documents[word] = documents.GetValueOrDefault(word) + 1;
        }

        KeyValuePair<string, int>[] kept = [.. documents
            .Where(pair => pair.Value >= 3 && pair.Value <= passages.Count / 5)
            .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(60_000)];
        idf = new float[kept.Length];
        for (int i = 0; i < kept.Length; i++)
        {
            ids[kept[i].Key] = i;
            idf[i] = MathF.Log((float)passages.Count / kept[i].Value) + 1;
        }
    }

    public int Terms => idf.Length;

    /// <summary>One passage as sorted term ids with weights.</summary>
    public (int[] Ids, float[] Weights) Row(string[] words)
    {
        SortedDictionary<int, int> counts = [];
        foreach (string word in words)
        {
            if (ids.TryGetValue(word, out int id))
                counts[id] = counts.GetValueOrDefault(id) + 1;
        }

        int[] row = [.. counts.Keys];
        float[] weights = new float[row.Length];
        double square = 0;
        for (int i = 0; i < row.Length; i++)
        {
            weights[i] = (1 + MathF.Log(counts[row[i]])) * idf[row[i]];
            square += weights[i] * weights[i];
        }

        float scale = square > 0 ? (float)(1 / Math.Sqrt(square)) : 0;
        for (int i = 0; i < weights.Length; i++)
            weights[i] *= scale;
        return (row, weights);
    }
}

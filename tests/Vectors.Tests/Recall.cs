namespace ClawFS.Vectors.Tests;

/// <summary>How much of the truth a search finds.</summary>
internal static class Recall
{
    /// <summary>Share of the k nearest that the index returns, over queries. Every returned list is checked for order, repeats and length.</summary>
    public static double Of(HnswIndex index, IReadOnlyDictionary<uint, float[]> truth, IEnumerable<float[]> queries, int k, int ef, LabelBitmap? filter = null)
    {
        Neighbour[] results = new Neighbour[k];
        double sum = 0;
        int asked = 0;
        foreach (float[] query in queries)
        {
            int count = index.Search(query, k, ef, filter, results);
            Neighbour[] exact = BruteForce.Search(index.Options.Metric, truth.Select(pair => (pair.Key, pair.Value)), query, k, filter);
            Assert.Equal(exact.Length, count);
            Assert.Equal(count, results[..count].Select(hit => hit.Label).Distinct().Count());
            for (int i = 0; i < count; i++)
            {
                Assert.True(truth.ContainsKey(results[i].Label), $"label {results[i].Label} is not there");
                Assert.True(filter is null || filter.Contains(results[i].Label), $"label {results[i].Label} is not let through");
                Assert.True(i == 0 || results[i].Distance >= results[i - 1].Distance);
            }

            // Equal distances count as found: which of two copies comes first is no matter of recall.
            float last = exact.Length == 0 ? 0 : exact[^1].Distance;
            float slack = 1e-5f * (1 + Math.Abs(last));
            sum += exact.Length == 0 ? 1 : results[..count].Count(hit => hit.Distance <= last + slack) / (double)exact.Length;
            asked++;
        }

        return sum / asked;
    }
}

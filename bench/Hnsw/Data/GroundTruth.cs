using System.Runtime.InteropServices;
using ClawFS.Vectors;

namespace ClawOS.Bench.Hnsw.Data;

/// <summary>The true nearest labels of every query, by measuring every vector; kept beside the data.</summary>
internal static class GroundTruth
{
    /// <summary>How many nearest are kept.</summary>
    public const int K = 10;

    /// <summary>Reads or computes it.</summary>
    public static uint[][] Of(DataSet data)
    {
        if (data.BaseFile is null)
            return Compute(data);
        string file = $"{data.BaseFile}.truth-{data.Metric}-{data.Queries.Length}";
        if (File.Exists(file) && new FileInfo(file).Length == data.Queries.Length * K * sizeof(uint))
            return [.. MemoryMarshal.Cast<byte, uint>(File.ReadAllBytes(file)).ToArray().Chunk(K)];
        uint[][] truth = Compute(data);
        File.WriteAllBytes(file, [.. truth.SelectMany(labels => MemoryMarshal.AsBytes(labels.AsSpan()).ToArray())]);
        return truth;
    }

    private static uint[][] Compute(DataSet data)
    {
        uint[][] truth = new uint[data.Queries.Length][];
        Parallel.For(0, truth.Length, i => truth[i] = Nearest(data, i, null));
        return truth;
    }

    /// <summary>The same for one query, among the labels that a filter lets through.</summary>
    public static uint[] Nearest(DataSet data, int query, LabelBitmap? filter)
    {
        float[] asked = data.Queries[query];
        PriorityQueue<uint, float> nearest = new();
        for (uint label = 0; label < data.Base.Length; label++)
        {
            if (filter is not null && !filter.Contains(label))
                continue;
            float dot = DenseMath.Dot(asked, data.Base[label]);
            float likeness = data.Metric == Metric.L2 ? (2 * dot) - DenseMath.Dot(data.Base[label], data.Base[label])
                : data.Metric == Metric.Dot ? dot : dot / MathF.Sqrt(DenseMath.Dot(data.Base[label], data.Base[label]) + 1e-30f);
            if (nearest.Count < K)
                nearest.Enqueue(label, likeness);
            else
                nearest.EnqueueDequeue(label, likeness);
        }

        uint[] labels = new uint[nearest.Count];
        for (int i = labels.Length - 1; i >= 0; i--)
            labels[i] = nearest.Dequeue();
        return labels;
    }

    /// <summary>Share of the truth that was found.</summary>
    public static double Recall(uint[][] truth, IReadOnlyList<uint[]> found) =>
        truth.Select((labels, i) => labels.Length == 0 ? 1 : labels.Intersect(found[i]).Count() / (double)labels.Length).Average();
}

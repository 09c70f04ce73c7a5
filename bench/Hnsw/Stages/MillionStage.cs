using System.Diagnostics;
using ClawFS.Vectors;
using ClawOS.Bench.Hnsw.Data;
using ClawOS.Bench.Hnsw.Results;

namespace ClawOS.Bench.Hnsw.Stages;

/// <summary>
/// A million vectors in the compact mode: what the whole process holds, and how well and fast it answers. Each vector is a mixture of two of a real set and some noise, made when it is needed: a million real
/// passages are not at hand, and the set itself would be more than the limit.
/// </summary>
internal sealed class MillionStage(HnswRows rows, string folder)
{
    private const int Count = 1_000_000, Queries = 200, AtOnce = 256, K = 10;
    private const double Gibibyte = 1 << 30;

    public void Run(DataSet data)
    {
        using StoredVectors stored = new(Path.Combine(folder, $"million-{Environment.ProcessId}"), data.Dimensions);
        using HnswIndex index = new(new HnswOptions { Dimensions = data.Dimensions, Metric = data.Metric, Storage = VectorStorage.Compact }, stored.Source);
        float[][] queries = [.. Enumerable.Range(Count, Queries).Select(i => Mixture(data, i))];
        PriorityQueue<uint, float>[] nearest = [.. queries.Select(static _ => new PriorityQueue<uint, float>())];
        Stopwatch building = new();
        for (int from = 0; from < Count; from += AtOnce)
        {
            float[][] batch = new float[Math.Min(AtOnce, Count - from)][];
            Parallel.For(0, batch.Length, i => batch[i] = Mixture(data, from + i));
            building.Start();
            stored.Append(from, batch);
            Parallel.For(0, batch.Length, i => index.Add((uint)(from + i), batch[i]));
            building.Stop();
            Parallel.For(0, queries.Length, q => Offer(nearest[q], queries[q], from, batch));
            if (from / AtOnce % 400 == 0)
                Console.Error.WriteLine($"{from:N0} of {Count:N0} vectors, {building.Elapsed.TotalSeconds:F0} s");
        }

        GC.Collect();
        rows.AtMost("1M x 384 compact, process rss", Process.GetCurrentProcess().WorkingSet64 / Gibibyte, "GiB", "limit", 1, 1);
        rows.Show("1M x 384 compact, index", (double)index.MemoryBytes / Count, "B/vec", "limit", null);
        rows.Show("1M x 384 compact, build by 2 threads", building.Elapsed.TotalSeconds, "s", "limit", null);
        foreach (int ef in (int[])[64, 256])
            Ask(index, queries, nearest, ef);
    }

    private void Ask(HnswIndex index, float[][] queries, PriorityQueue<uint, float>[] nearest, int ef)
    {
        Neighbour[] hits = new Neighbour[K];
        int right = 0;
        double start = ProcessorTime.Now;
        for (int q = 0; q < queries.Length; q++)
        {
            int count = index.Search(queries[q], K, ef, null, hits);
            HashSet<uint> truth = [.. nearest[q].UnorderedItems.Select(static item => item.Element)];
            right += hits.Take(count).Count(hit => truth.Contains(hit.Label));
        }

        rows.Show($"1M x 384 compact, qps at ef {ef}", queries.Length / (ProcessorTime.Now - start), "/s", "recall", (double)right / (queries.Length * K));
    }

    private static void Offer(PriorityQueue<uint, float> nearest, float[] query, int first, float[][] vectors)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            float likeness = DenseMath.Dot(query, vectors[i]);
            if (nearest.Count < K)
                nearest.Enqueue((uint)(first + i), likeness);
            else
                nearest.EnqueueDequeue((uint)(first + i), likeness);
        }
    }

    /// <summary>The vector of a number, the same each time.</summary>
    private static float[] Mixture(DataSet data, int number)
    {
        Random random = new(number);
        float[] one = data.Base[random.Next(data.Base.Length)], other = data.Base[random.Next(data.Base.Length)];
        float[] mixed = new float[data.Dimensions];
        for (int i = 0; i < mixed.Length; i++)
            mixed[i] = (0.8f * one[i]) + (0.5f * other[i]) + (0.02f * ((2 * random.NextSingle()) - 1));
        float length = MathF.Sqrt(DenseMath.Dot(mixed, mixed));
        for (int i = 0; i < mixed.Length; i++)
            mixed[i] /= length;
        return mixed;
    }
}

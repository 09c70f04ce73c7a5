using BenchmarkDotNet.Attributes;
using ClawFS.Vectors;

namespace ClawOS.Bench.Micro;

/// <summary>Insert, search, filter and repair on 20,000 vectors in clusters; the recall of each search is printed beside. Not sealed: BenchmarkDotNet derives from it.</summary>
public class IndexBenchmarks : IDisposable
{
    private const int Count = 20_000;
    private const int Dimensions = 128;
    private readonly Neighbour[] hits = new Neighbour[10];
    private readonly LabelBitmap half = new(), few = new();
    private float[][] vectors = [], queries = [];
    private HnswIndex? index;
    private int at;

    [Params(32, 64, 128)]
    public int Ef { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        Random random = new(1);
        float[][] centres = Enumerable.Range(0, 200).Select(_ => Spread(random, null)).ToArray();
        vectors = [.. Enumerable.Range(0, Count).Select(_ => Spread(random, centres[random.Next(centres.Length)]))];
        queries = [.. Enumerable.Range(0, 200).Select(_ => Spread(random, centres[random.Next(centres.Length)]))];
        index = new HnswIndex(new HnswOptions { Dimensions = Dimensions });
        for (uint label = 0; label < Count; label++)
        {
            index.Add(label, vectors[label]);
            if (label % 2 == 0)
                half.Add(label);
            if (label % 100 == 0)
                few.Add(label);
        }

        Console.WriteLine($"// recall@10 at ef {Ef}: {Recall(null):F3}, half let through {Recall(half):F3}, a hundredth {Recall(few):F3}");
    }

    [Benchmark(Baseline = true)]
    public int Search() => index!.Search(queries[at++ % queries.Length], 10, Ef, null, hits);

    [Benchmark]
    public int SearchHalf() => index!.Search(queries[at++ % queries.Length], 10, Ef, half, hits);

    [Benchmark]
    public int SearchHundredth() => index!.Search(queries[at++ % queries.Length], 10, Ef, few, hits);

    /// <summary>Replaces a vector by itself, and takes its old slot back by a share of a repair.</summary>
    [Benchmark]
    public bool ReplaceAndRepair()
    {
        uint label = (uint)(at++ % Count);
        index!.Add(label, vectors[label]);
        return index.Repair(50);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        index?.Dispose();
        GC.SuppressFinalize(this);
    }

    private double Recall(LabelBitmap? filter) => queries.Average(query =>
    {
        int count = index!.Search(query, 10, Ef, filter, hits);
        return BruteForce.Search(Metric.Cosine, vectors.Select((vector, i) => ((uint)i, vector)), query, 10, filter)
            .Count(exact => hits.Take(count).Any(hit => hit.Label == exact.Label)) / 10.0;
    });

    private static float[] Spread(Random random, float[]? centre) =>
        [.. Enumerable.Range(0, Dimensions).Select(i => (random.NextSingle() + random.NextSingle() - 1) + (centre?[i] ?? 0))];
}

namespace ClawFS.Vectors.Tests.Index;

public sealed class RecallTests(ITestOutputHelper output)
{
    [Fact]
    public void Twenty_thousand_vectors_are_found_again_with_a_narrow_walk()
    {
        Clouds clouds = new(64, 60, Seed.For(output));
        float[][] vectors = clouds.Take(20_000);
        using HnswIndex index = Build(new HnswOptions { Dimensions = 64 }, vectors);
        double recall = Recall.Of(index, ByLabel(vectors), clouds.Take(40), 10, 64);
        Assert.True(recall >= 0.95, $"recall@10 at ef 64 is {recall:F3}");
    }

    [Theory]
    [InlineData(VectorStorage.Resident)]
    [InlineData(VectorStorage.FloatsOnly)]
    [InlineData(VectorStorage.Compact)]
    public void Every_metric_and_many_dimensions_find_what_a_scan_finds(VectorStorage storage)
    {
        int seed = Seed.For(output);
        Random random = new(seed);
        foreach (Metric metric in Enum.GetValues<Metric>())
        {
            foreach (int dimensions in (int[])[2, 3, 17, 100, random.Next(128, 1200)])
            {
                Clouds clouds = new(dimensions, 20, seed + dimensions);
                float[][] vectors = clouds.Take(1500);
                HnswOptions options = new() { Dimensions = dimensions, Metric = metric, Storage = storage, M = random.Next(6, 40) };
                using HnswIndex index = Build(options, vectors);
                double recall = Recall.Of(index, ByLabel(vectors), clouds.Take(20), 10, 100);
                // Long vectors are nearest to everything by inner product, and a graph does not lead to them as surely.
                Assert.True(recall >= (metric == Metric.Dot ? 0.9 : 0.97), $"{metric}, {dimensions} dimensions, M {options.M}: recall {recall:F3}");
            }
        }
    }

    [Fact]
    public void Distances_are_those_of_plain_arithmetic()
    {
        int seed = Seed.For(output);
        foreach (Metric metric in Enum.GetValues<Metric>())
        {
            Clouds clouds = new(50, 5, seed);
            float[][] vectors = clouds.Take(300);
            using HnswIndex index = Build(new HnswOptions { Dimensions = 50, Metric = metric }, vectors);
            float[] query = clouds.Next();
            Neighbour[] hits = new Neighbour[5];
            Assert.Equal(5, index.Search(query, 5, 64, null, hits));
            foreach (Neighbour hit in hits)
            {
                float exact = BruteForce.Distance(metric, query, vectors[hit.Label]);
                Assert.InRange(hit.Distance, exact - (1e-4f * (1 + Math.Abs(exact))), exact + (1e-4f * (1 + Math.Abs(exact))));
            }
        }
    }

    [Fact]
    public void A_thousand_copies_of_one_vector_hide_nothing_else()
    {
        Clouds clouds = new(32, 10, Seed.For(output));
        float[][] vectors = [.. clouds.Take(500), .. Enumerable.Repeat(clouds.Next(), 1000), .. clouds.Take(1500)];
        using HnswIndex index = Build(new HnswOptions { Dimensions = 32 }, vectors);
        double recall = Recall.Of(index, ByLabel(vectors), clouds.Take(40), 10, 100);
        Assert.True(recall >= 0.95, $"recall {recall:F3}");
    }

    [Fact]
    public void Zero_vectors_tiny_ones_and_large_ones_are_found()
    {
        using HnswIndex index = new(new HnswOptions { Dimensions = 4, Metric = Metric.Cosine });
        index.Add(1, [0, 0, 0, 0]);
        index.Add(2, [1e-30f, 0, 0, 0]);
        index.Add(3, [0, 1e15f, 0, 0]);
        Neighbour[] hits = new Neighbour[3];
        Assert.Equal(3, index.Search([1, 0.5f, 0, 0], 3, 16, null, hits));
        Assert.Equal([2u, 3u, 1u], hits.Select(hit => hit.Label));
        Assert.Equal(1, hits[2].Distance);
    }

    [Fact]
    public void A_vector_of_another_length_or_with_NaN_is_refused()
    {
        using HnswIndex index = new(new HnswOptions { Dimensions = 3 });
        Assert.Throws<ArgumentException>(() => index.Add(1, [1, 2]));
        Assert.Throws<ArgumentException>(() => index.Add(1, [1, float.NaN, 2]));
        Assert.Throws<ArgumentException>(() => index.Add(1, [1, float.PositiveInfinity, 2]));
        Assert.Throws<ArgumentException>(() => index.Search([1, float.NaN, 2], 1, 1, null, new Neighbour[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HnswOptions { Dimensions = 1 });
        Assert.Throws<ArgumentException>(() => new HnswIndex(new HnswOptions { Storage = VectorStorage.Compact }));
        Assert.Equal(0, index.Search([1, 2, 3], 1, 1, null, new Neighbour[1]));
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void Data_that_grows_a_hundredfold_is_coded_anew()
    {
        Clouds clouds = new(48, 10, Seed.For(output));
        float[][] vectors = [.. clouds.Take(400).Select(vector => vector.Select(value => value * 0.01f).ToArray()), .. clouds.Take(2000)];
        using HnswIndex index = new(new HnswOptions { Dimensions = 48, Metric = Metric.L2 });
        float first = 0;
        for (uint label = 0; label < vectors.Length; label++)
        {
            index.Add(label, vectors[label]);
            first = label == 300 ? index.Statistics().CodeScale : first;
        }

        Assert.True(index.Statistics().CodeScale < first / 10, "the scale followed the data");
        double recall = Recall.Of(index, ByLabel(vectors), clouds.Take(20), 10, 100);
        Assert.True(recall >= 0.95, $"recall {recall:F3}");
    }

    [Fact]
    public void The_same_seed_and_order_make_the_same_graph()
    {
        Clouds clouds = new(40, 10, Seed.For(output));
        float[][] vectors = clouds.Take(1200);
        HnswOptions options = new() { Dimensions = 40, Seed = 77 };
        using HnswIndex one = Build(options, vectors);
        using HnswIndex same = Build(options, vectors);
        using HnswIndex other = Build(options with { Seed = 78 }, vectors);
        Assert.Equal(Saved.StoredRows.Of(one).Text(), Saved.StoredRows.Of(same).Text());
        Assert.NotEqual(Saved.StoredRows.Of(one).Text(), Saved.StoredRows.Of(other).Text());
    }

    internal static HnswIndex Build(HnswOptions options, float[][] vectors)
    {
        RowSource? source = options.Storage == VectorStorage.Compact ? new RowSource(options.Dimensions) : null;
        HnswIndex index = new(options, source);
        for (uint label = 0; label < vectors.Length; label++)
        {
            source?.Rows.TryAdd(label, vectors[label]);
            index.Add(label, vectors[label]);
        }

        return index;
    }

    internal static Dictionary<uint, float[]> ByLabel(float[][] vectors) => Enumerable.Range(0, vectors.Length).ToDictionary(i => (uint)i, i => vectors[i]);
}

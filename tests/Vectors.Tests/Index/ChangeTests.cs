namespace ClawFS.Vectors.Tests.Index;

public sealed class ChangeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(VectorStorage.Resident)]
    [InlineData(VectorStorage.Compact)]
    [InlineData(VectorStorage.FloatsOnly)]
    public void Random_adds_replacements_removes_filters_and_repairs_agree_with_a_scan(VectorStorage storage)
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(20, 8, random.Next());
        RowSource source = new(20);
        using HnswIndex index = new(new HnswOptions { Dimensions = 20, M = 8, Storage = storage }, storage == VectorStorage.Compact ? source : null);
        double worst = 1;
        for (int round = 0; round < 25; round++)
        {
            for (int i = 0; i < 200; i++)
                Change(random, clouds, index, source, (uint)random.Next(1500));
            if (round % 10 == 9)
            {
                foreach (uint label in source.Rows.Keys.Where(_ => random.Next(10) < 8).ToArray())
                    Remove(index, source, label);
            }

            if (random.Next(3) == 0)
                index.Repair(random.Next(1, 2000), CancellationToken.None);
            Assert.Equal(source.Rows.Count, index.Count);
            LabelBitmap? filter = random.Next(2) == 0 ? null : Some(random, 1500, random.NextDouble());
            worst = Math.Min(worst, Recall.Of(index, source.Rows, clouds.Take(8), random.Next(1, 20), 64, filter));
        }

        Assert.True(worst >= 0.9, $"worst recall {worst:F3}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_most_is_removed_and_repaired_the_rest_is_found_and_slots_are_used_again(bool wholeClusters)
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(32, 20, random.Next());
        using HnswIndex index = new(new HnswOptions { Dimensions = 32, M = 8 });
        Dictionary<uint, float[]> truth = [];
        for (uint label = 0; label < 6000; label++)
            index.Add(label, truth[label] = clouds.Next((int)(label % 20)));
        for (uint label = 0; label < 6000; label++)
        {
            if (wholeClusters ? label % 20 < 12 : random.Next(10) < 6)
            {
                Assert.True(index.Remove(label));
                truth.Remove(label);
            }
        }

        float[][] queries = clouds.Take(60);
        Assert.True(Recall.Of(index, truth, queries, 10, 64) >= 0.95);
        index.RepairAll();
        IndexStatistics repaired = index.Statistics();
        Assert.Equal((0, 6000 - truth.Count), (repaired.Tombstones, repaired.FreeSlots));
        Assert.True(Recall.Of(index, truth, queries, 10, 64) >= 0.95);
        for (uint label = 10_000; label < 12_000; label++)
            index.Add(label, truth[label] = clouds.Next());
        Assert.Equal(6000u, index.Statistics().Slots);
        Assert.True(Recall.Of(index, truth, queries, 10, 64) >= 0.95);
    }

    [Fact]
    public void An_index_that_was_emptied_can_be_filled_again_before_and_after_repair()
    {
        Clouds clouds = new(16, 4, Seed.For(output));
        using HnswIndex index = new(new HnswOptions { Dimensions = 16, M = 4 });
        Dictionary<uint, float[]> truth = [];
        for (int round = 0; round < 4; round++)
        {
            for (uint label = 0; label < 800; label++)
                index.Add(label, truth[label] = clouds.Next());
            Assert.True(Recall.Of(index, truth, clouds.Take(20), 10, 64) >= 0.95);
            foreach (uint label in truth.Keys)
                index.Remove(label);
            truth.Clear();
            Assert.Equal(0, index.Search(clouds.Next(), 5, 10, null, new Neighbour[5]));
            if (round % 2 == 0)
                index.RepairAll(100);
        }
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.5)]
    [InlineData(0.2)]
    [InlineData(0.05)]
    [InlineData(0.001)]
    public void A_filter_of_any_share_finds_all_that_it_lets_through(double share)
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(32, 20, random.Next());
        float[][] vectors = clouds.Take(8000);
        using HnswIndex index = RecallTests.Build(new HnswOptions { Dimensions = 32 }, vectors);
        LabelBitmap filter = Some(random, 8000, share);
        double recall = Recall.Of(index, RecallTests.ByLabel(vectors), clouds.Take(30), 10, 32, filter);
        Assert.True(recall >= 0.97, $"recall {recall:F3}");
    }

    [Fact]
    public void A_filter_that_lets_through_only_what_is_far_away_finds_it()
    {
        Clouds clouds = new(32, 20, Seed.For(output));
        float[][] vectors = [.. Enumerable.Range(0, 8000).Select(i => clouds.Next(i % 20))];
        using HnswIndex index = RecallTests.Build(new HnswOptions { Dimensions = 32 }, vectors);
        for (int folder = 0; folder < 4; folder++)
        {
            // Everything but the eight clusters around the query's own.
            LabelBitmap filter = new();
            for (uint label = 0; label < 8000; label++)
            {
                if ((label % 20 + 20 - folder) % 20 >= 8)
                    filter.Add(label);
            }

            float[][] queries = [.. Enumerable.Range(0, 8).Select(i => clouds.Next((i + folder) % 20))];
            double recall = Recall.Of(index, RecallTests.ByLabel(vectors), queries, 10, 32, filter);
            Assert.True(recall >= 0.97, $"recall {recall:F3}");
        }
    }

    private static void Change(Random random, Clouds clouds, HnswIndex index, RowSource source, uint label)
    {
        if (random.Next(4) == 0)
        {
            Remove(index, source, label);
            return;
        }

        float[] vector = clouds.Next();
        source.Rows[label] = vector;
        index.Add(label, vector);
    }

    private static void Remove(HnswIndex index, RowSource source, uint label) => Assert.Equal(source.Rows.TryRemove(label, out _), index.Remove(label));

    private static LabelBitmap Some(Random random, uint labels, double share)
    {
        LabelBitmap filter = new(labels);
        for (uint label = 0; label < labels; label++)
        {
            if (random.NextDouble() < share)
                filter.Add(label);
        }

        return filter;
    }
}

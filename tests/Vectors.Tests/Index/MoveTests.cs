namespace ClawFS.Vectors.Tests.Index;

/// <summary>Where most vectors are gone, a repair moves the others together.</summary>
public sealed class MoveTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(VectorStorage.Resident)]
    [InlineData(VectorStorage.Compact)]
    public void What_changes_while_vectors_move_stays_changed(VectorStorage storage)
    {
        Random random = new(Seed.For(output));
        Clouds clouds = new(24, 10, random.Next());
        RowSource source = new(24);
        using HnswIndex index = new(new HnswOptions { Dimensions = 24, M = 8, Storage = storage }, storage == VectorStorage.Compact ? source : null);
        for (uint label = 0; label < 4000; label++)
            Add(index, source, label, clouds.Next());
        for (uint label = 0; label < 4000; label++)
        {
            if (random.Next(4) != 0)
                Remove(index, source, label);
        }

        uint next = 4000;
        for (int round = 0; round < 2000; round++)
        {
            index.Repair(random.Next(1, 60), CancellationToken.None);
            uint[] there = [.. source.Rows.Keys];
            uint some = there[random.Next(there.Length)];
            switch (random.Next(8))
            {
                case 0:
                    Remove(index, source, some);
                    break;
                case 1:
                    Add(index, source, some, clouds.Next());
                    break;
                case 2:
                    Add(index, source, next++, clouds.Next());
                    break;
            }

            Assert.Equal(source.Rows.Count, index.Count);
        }

        index.RepairAll();
        double recall = Recall.Of(index, source.Rows, clouds.Take(50), 10, 64);
        Assert.True(recall >= 0.95, $"recall {recall:F3}");
        float[] copy = new float[24];
        Neighbour[] hits = new Neighbour[source.Rows.Count + 1];
        int found = index.Search(clouds.Next(), hits.Length, hits.Length, null, hits);
        Assert.Equal(source.Rows.Keys.Order(), hits[..found].Select(static hit => hit.Label).Order());
        foreach ((uint label, float[] vector) in source.Rows)
        {
            Assert.True(index.TryCopy(label, copy));
            float length = MathF.Sqrt(vector.Sum(static value => value * value));
            Assert.True(vector.Zip(copy).All(pair => Math.Abs((pair.First / length) - pair.Second) < 1e-4f), $"label {label} has another vector");
        }
    }

    [Fact]
    public void The_rest_lies_in_the_lowest_slots_and_is_linked_as_densely_as_in_an_index_of_its_own()
    {
        Clouds clouds = new(24, 10, Seed.For(output));
        using HnswIndex index = new(new HnswOptions { Dimensions = 24, M = 8 }), fresh = new(new HnswOptions { Dimensions = 24, M = 8 });
        for (uint label = 0; label < 5000; label++)
        {
            float[] vector = clouds.Next();
            index.Add(label, vector);
            if (label % 4 == 0)
                fresh.Add(label, vector);
        }

        for (uint label = 0; label < 5000; label++)
        {
            if (label % 4 != 0)
                index.Remove(label);
        }

        index.RepairAll();
        IndexStatistics repaired = index.Statistics(), alone = fresh.Statistics();
        Assert.Equal((1250, 0, 3750), (repaired.Live, repaired.Tombstones, repaired.FreeSlots));
        Assert.InRange(repaired.MeanLinks, alone.MeanLinks * 0.8, alone.MeanLinks * 1.2);
        Assert.InRange(repaired.HighestSlot, 1250u, 1250u + (1250u / 4) + 64);
    }

    private static void Add(HnswIndex index, RowSource source, uint label, float[] vector)
    {
        source.Rows[label] = vector;
        index.Add(label, vector);
    }

    private static void Remove(HnswIndex index, RowSource source, uint label)
    {
        Assert.True(index.Remove(label));
        source.Rows.TryRemove(label, out _);
    }
}

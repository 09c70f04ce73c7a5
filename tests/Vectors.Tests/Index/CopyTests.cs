namespace ClawFS.Vectors.Tests.Index;

public sealed class CopyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(VectorStorage.Resident, Metric.Cosine)]
    [InlineData(VectorStorage.Compact, Metric.Cosine)]
    [InlineData(VectorStorage.FloatsOnly, Metric.L2)]
    public void A_copy_is_the_vector_that_was_put_in_and_none_when_it_is_gone(VectorStorage storage, Metric metric)
    {
        Clouds clouds = new(24, 4, Seed.For(output));
        RowSource source = new(24);
        using HnswIndex index = new(new HnswOptions { Dimensions = 24, Storage = storage, Metric = metric }, storage == VectorStorage.Compact ? source : null);
        for (uint label = 0; label < 300; label++)
        {
            source.Rows[label] = clouds.Next();
            index.Add(label, source.Rows[label]);
        }

        float[] copy = new float[24];
        for (uint label = 0; label < 300; label++)
        {
            Assert.True(index.TryCopy(label, copy));
            float[] wanted = [.. source.Rows[label]];
            if (metric == Metric.Cosine)
                UnitLength.Scale(wanted);
            Assert.All(wanted.Zip(copy), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }

        index.Remove(7);
        source.Rows.TryRemove(7, out _);
        Assert.False(index.TryCopy(7, copy));
        Assert.False(index.TryCopy(5000, copy));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.TryCopy(8, new float[23]));
    }

    [Fact]
    public async Task Copies_beside_removal_repair_and_new_vectors_are_whole()
    {
        // Each vector has one value in all places, so that a copy of two halves shows.
        using HnswIndex index = new(new HnswOptions { Dimensions = 256, Metric = Metric.L2, M = 8, EfConstruction = 32 });
        using CancellationTokenSource ended = new();
        Task changes = Task.Run(() =>
        {
            Random random = new(1);
            for (int i = 0; i < 6000; i++)
            {
                uint label = (uint)random.Next(200);
                index.Remove(label);
                index.Repair(50, CancellationToken.None);
                float[] vector = new float[256];
                vector.AsSpan().Fill(i + 1);
                index.Add(label, vector);
            }

            ended.Cancel();
        }, TestContext.Current.CancellationToken);
        float[] copy = new float[256];
        int copies = 0;
        for (uint label = 0; !ended.IsCancellationRequested; label = (label + 1) % 200)
        {
            if (index.TryCopy(label, copy))
            {
                copies++;
                Assert.Single(copy.Distinct());
            }
        }

        await changes;
        Assert.True(copies > 0);
    }
}

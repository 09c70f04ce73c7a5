using System.Collections.Concurrent;

namespace ClawFS.Vectors.Tests.Index;

public sealed class ConcurrencyTests(ITestOutputHelper output)
{
    /// <summary>
    /// Labels below 500 stay and must be found all the time; others come, are replaced and go. Two threads insert, one removes and repairs, two search. Each label's vector carries the label
    /// itself, so that a hit shows which vector was measured.
    /// </summary>
    [Theory]
    [InlineData(VectorStorage.Resident)]
    [InlineData(VectorStorage.Compact)]
    public void Searches_beside_inserts_removes_and_repair_return_each_label_once_and_none_that_is_gone(VectorStorage storage)
    {
        int seed = Seed.For(output);
        RowSource source = new(24);
        using HnswIndex index = new(new HnswOptions { Dimensions = 24, M = 8, EfConstruction = 60, Storage = storage }, storage == VectorStorage.Compact ? source : null);
        Clouds clouds = new(24, 6, seed);
        float[][] fixedOnes = clouds.Take(500);
        for (uint label = 0; label < 500; label++)
            Add(index, source, label, fixedOnes[label]);
        ConcurrentQueue<string> wrong = new();
        // Stamp of each label: odd while it may be found, even once its removal has returned.
        int[] removedAt = new int[3000];
        int clock = 0;
        using CancellationTokenSource stop = new();
        Thread[] threads =
        [
            new(() => Insert(1)), new(() => Insert(2)), new(RemoveAndRepair), new(() => Look(3)), new(() => Look(4)),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        // A number of changes, not a time: the searchers stop when the writers are done.
        threads[0].Join();
        threads[1].Join();
        stop.Cancel();
        foreach (Thread thread in threads)
            thread.Join();
        index.RepairAll(1000);
        Assert.Empty(wrong);
        Neighbour[] hits = new Neighbour[5];
        double found = Enumerable.Range(0, 500).Count(i => index.Search(fixedOnes[i], 5, 64, null, hits) == 5 && hits.Any(hit => hit.Label == i)) / 500.0;
        Assert.True(found >= 0.98, $"only {found:P1} of the vectors that stayed are found");

        // A thread's labels are its own, so that "removed" has one meaning: labels 500.. by turns.
        void Insert(int who) => Guard(() =>
        {
            Random random = new(seed + who);
            Clouds own = new(24, 6, seed + who);
            for (int i = 0; i < 2500; i++)
            {
                uint label = (uint)(500 + (random.Next(1200) * 2) + (who - 1));
                Volatile.Write(ref removedAt[label], int.MaxValue);
                Add(index, source, label, own.Next());
                if (random.Next(3) == 0)
                {
                    index.Remove(label);
                    Volatile.Write(ref removedAt[label], Interlocked.Increment(ref clock));
                }
            }
        });

        void RemoveAndRepair() => Guard(() =>
        {
            while (!stop.IsCancellationRequested)
                index.Repair(200, stop.Token);
        });

        void Look(int who) => Guard(() =>
        {
            Clouds own = new(24, 6, seed + who);
            Neighbour[] results = new Neighbour[10];
            while (!stop.IsCancellationRequested)
            {
                int begun = Volatile.Read(ref clock);
                int count = index.Search(own.Next(), 10, 40, null, results);
                if (count != 10)
                    wrong.Enqueue($"{count} hits of 10");
                if (results[..count].Select(hit => hit.Label).Distinct().Count() != count)
                    wrong.Enqueue("a label twice");
                foreach (Neighbour hit in results[..count])
                {
                    // Removed before the search began, and not added since.
                    int removed = hit.Label < 500 ? 0 : Volatile.Read(ref removedAt[hit.Label]);
                    if (removed > 0 && removed <= begun)
                        wrong.Enqueue($"label {hit.Label}, gone at {removed}, found by a search begun at {begun}");
                }
            }
        });

        void Guard(Action action)
        {
            try
            {
                action();
            }
            catch (Exception failure)
            {
                wrong.Enqueue(failure.ToString());
            }
        }
    }

    [Fact]
    public void Several_inserting_threads_make_a_graph_as_good_as_one()
    {
        Clouds clouds = new(48, 30, Seed.For(output));
        float[][] vectors = clouds.Take(6000);
        using HnswIndex index = new(new HnswOptions { Dimensions = 48 });
        Parallel.For(0, vectors.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => index.Add((uint)i, vectors[i]));
        Assert.Equal(6000, index.Count);
        Assert.True(Recall.Of(index, RecallTests.ByLabel(vectors), clouds.Take(40), 10, 64) >= 0.95);
    }

    [Fact]
    public void A_warm_search_allocates_nothing()
    {
        Clouds clouds = new(48, 10, Seed.For(output));
        float[][] vectors = clouds.Take(4000);
        using HnswIndex index = RecallTests.Build(new HnswOptions { Dimensions = 48 }, vectors);
        LabelBitmap filter = new();
        for (uint label = 0; label < 4000; label += 2)
            filter.Add(label);
        Neighbour[] hits = new Neighbour[10];
        float[] query = clouds.Next();
        Search();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
            Search();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Search()
        {
            index.Search(query, 10, 64, null, hits);
            index.Search(query, 10, 64, filter, hits);
        }
    }

    [Fact]
    public void A_disposed_index_refuses_instead_of_reading_freed_memory()
    {
        HnswIndex index = new(new HnswOptions { Dimensions = 4 });
        index.Add(1, [1, 2, 3, 4]);
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Search([1, 2, 3, 4], 1, 1, null, new Neighbour[1]));
    }

    private static void Add(HnswIndex index, RowSource source, uint label, float[] vector)
    {
        source.Rows[label] = vector;
        index.Add(label, vector);
    }
}

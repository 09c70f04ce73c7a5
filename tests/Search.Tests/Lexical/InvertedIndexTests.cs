using ClawFS.Search.Lexical;

namespace ClawFS.Search.Tests.Lexical;

public sealed class InvertedIndexTests
{
    [Fact]
    public void It_ranks_as_the_formula_says_whatever_was_added_replaced_and_removed()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 6; round++)
        {
            InvertedIndex index = new();
            BruteForceRanking oracle = new();
            int vocabulary = random.Next(3, 400), most = random.Next(1, 60), labels = random.Next(50, 1500);
            for (int step = 0; step < 3000; step++)
            {
                uint chunk = (uint)random.Next(labels);
                switch (random.Next(10))
                {
                    case < 6:
                        int[] terms = RandomTerms(random, vocabulary, most);
                        oracle.Add(chunk, terms);
                        index.Add(chunk, ChunkTerms.From(terms));
                        break;
                    case < 9:
                        Assert.Equal(oracle.Remove(chunk), index.Remove(chunk));
                        break;
                    default:
                        _ = random.Next(50) == 0 && index.CompactStep();
                        break;
                }

                if (step % 150 == 149)
                    Compare(index, oracle, random, vocabulary, labels);
            }
        }
    }

    [Fact]
    public void Skipping_changes_no_result()
    {
        // Rare and very common terms over several segments: the case in which most postings are skipped.
        Random random = Seed.Random();
        InvertedIndex index = new();
        BruteForceRanking oracle = new();
        List<PendingChunk> chunks = [];
        for (uint chunk = 0; chunk < 5000; chunk++)
        {
            int[] terms = [.. Enumerable.Range(0, random.Next(5, 40)).Select(_ => random.Next(20) == 0 ? random.Next(10, 2000) : random.Next(10))];
            oracle.Add(chunk, terms);
            chunks.Add(new PendingChunk(chunk, ChunkTerms.From(terms)));
            if (chunks.Count == 700)
            {
                index.AddMany([.. chunks]);
                chunks.Clear();
            }
        }

        index.AddMany([.. chunks]);
        for (int i = 0; i < 60; i++)
            Compare(index, oracle, random, 2000, 5000);
    }

    [Fact]
    public void Adding_many_is_adding_each()
    {
        Random random = Seed.Random();
        InvertedIndex one = new(), many = new();
        PendingChunk[] chunks = [.. Enumerable.Range(0, 20_000).Select(chunk => new PendingChunk((uint)chunk, ChunkTerms.From(RandomTerms(random, 500, 30))))];
        foreach (PendingChunk chunk in chunks)
            one.Add(chunk.Chunk, chunk.Terms);
        many.AddMany(chunks[..100]);
        many.AddMany(chunks);
        Assert.Equal((one.Count, one.AverageLength), (many.Count, many.AverageLength));
        for (int i = 0; i < 20; i++)
        {
            QueryTerm[] query = RandomQuery(random, 500);
            ScoredChunk[] first = new ScoredChunk[50], second = new ScoredChunk[50];
            Assert.Equal(one.Search(query, null, first), many.Search(query, null, second));
            for (int rank = 0; rank < 50; rank++)
                Assert.Equal(first[rank].Score, second[rank].Score, 1e-4f * Math.Max(1, first[rank].Score));
        }
    }

    [Fact]
    public void Compaction_takes_the_space_back()
    {
        Random random = Seed.Random();
        InvertedIndex index = new();
        for (uint chunk = 0; chunk < 20_000; chunk++)
            index.Add(chunk, ChunkTerms.From(RandomTerms(random, 5000, 60)));
        long full = index.MemoryBytes;
        for (uint chunk = 0; chunk < 20_000; chunk++)
        {
            if (chunk % 10 != 0)
                Assert.True(index.Remove(chunk));
        }

        while (index.CompactStep())
        {
            // Each step takes one segment.
        }

        Assert.Equal(2000, index.Count);
        Assert.InRange(index.MemoryBytes, 0, full / 3);
        for (uint chunk = 0; chunk < 20_000; chunk += 10)
            Assert.True(index.Remove(chunk));
        while (index.CompactStep())
        {
            // Nothing is left.
        }

        Assert.Equal(0, index.Count);
        Assert.Equal(0, index.Search([new QueryTerm(1, 1)], null, new ScoredChunk[5]));
    }

    [Fact]
    public async Task A_removed_chunk_is_not_found_and_none_is_found_twice_while_others_search()
    {
        Random random = Seed.Random();
        InvertedIndex index = new();
        const uint Chunks = 3000;
        uint stable = Chunks;
        for (uint chunk = 0; chunk < Chunks; chunk++)
            index.Add(chunk, ChunkTerms.From([1, 2, (int)chunk + 10]));
        index.Add(stable, ChunkTerms.From([1, 3]));
        using CancellationTokenSource stop = new();
        Task[] searchers = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            ScoredChunk[] results = new ScoredChunk[Chunks + 1];
            while (!stop.IsCancellationRequested)
            {
                int count = index.Search([new QueryTerm(1, 1), new QueryTerm(3, 1)], null, results);
                Assert.Equal(count, results.Take(count).Select(static result => result.Chunk).Distinct().Count());
                Assert.Contains(results.Take(count), result => result.Chunk == stable);
            }
        }))];
        ScoredChunk[] own = new ScoredChunk[Chunks + 1];
        for (int step = 0; step < 3000; step++)
        {
            uint chunk = (uint)random.Next((int)Chunks);
            if (random.Next(2) == 0)
            {
                index.Remove(chunk);
                if (step % 10 == 0)
                    Assert.Equal(0, index.Search([new QueryTerm((int)chunk + 10, 1)], null, own));
            }
            else
            {
                index.Add(chunk, ChunkTerms.From([1, 2, (int)chunk + 10]));
                if (step % 10 == 0)
                    Assert.Equal(1, index.Search([new QueryTerm((int)chunk + 10, 1)], null, own));
            }

            if (step % 500 == 0)
                index.CompactStep();
        }

        await stop.CancelAsync();
        await Task.WhenAll(searchers);
    }

    [Fact]
    public void An_empty_query_and_a_query_of_10_000_words_are_answered()
    {
        Random random = Seed.Random();
        InvertedIndex index = new();
        for (uint chunk = 0; chunk < 500; chunk++)
            index.Add(chunk, ChunkTerms.From(RandomTerms(random, 12_000, 60)));
        ScoredChunk[] results = new ScoredChunk[10];
        Assert.Equal(0, index.Search([], null, results));
        Assert.Equal(10, index.Search([.. Enumerable.Range(0, 10_000).Select(static term => new QueryTerm(term, 1))], null, results));
        Assert.Equal(0, index.Search([new QueryTerm(1, 1)], null, []));
    }

    private static int[] RandomTerms(Random random, int vocabulary, int most) =>
        [.. Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => (int)(vocabulary * Math.Pow(random.NextDouble(), 2)))];

    private static QueryTerm[] RandomQuery(Random random, int vocabulary) =>
        [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => random.Next(vocabulary + 5)).Distinct().Select(term => new QueryTerm(term, 1 + random.Next(3)))];

    private static void Compare(InvertedIndex index, BruteForceRanking oracle, Random random, int vocabulary, int labels)
    {
        Assert.Equal(oracle.Chunks.Count, index.Count);
        if (oracle.Chunks.Count == 0)
            return;
        QueryTerm[] query = RandomQuery(random, vocabulary);
        ulong[]? allowed = random.Next(3) == 0 ? [.. Enumerable.Range(0, random.Next(labels / 64 + 2)).Select(_ => (ulong)random.NextInt64())] : null;
        List<(uint Chunk, double Score)> expected = oracle.Search(query, chunk => allowed is null || (chunk / 64 < allowed.Length && (allowed[chunk / 64] >> (int)(chunk % 64) & 1) != 0));
        ScoredChunk[] results = new ScoredChunk[random.Next(1, 40)];
        int count = index.Search(query, allowed, results);
        Assert.Equal(Math.Min(expected.Count, results.Length), count);
        Dictionary<uint, double> scores = expected.ToDictionary(static pair => pair.Chunk, static pair => pair.Score);
        for (int rank = 0; rank < count; rank++)
        {
            // Chunks of nearly the same score may stand in any order; the scores themselves must agree.
            Assert.Equal(expected[rank].Score, results[rank].Score, 1e-4 * Math.Max(1, expected[rank].Score));
            Assert.Equal(scores[results[rank].Chunk], results[rank].Score, 1e-4 * Math.Max(1, expected[rank].Score));
        }
    }
}

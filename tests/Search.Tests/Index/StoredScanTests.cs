using ClawFS.Search.Index;
using ClawFS.Search.Lexical;

namespace ClawFS.Search.Tests.Index;

/// <summary>Searches while a saved generation is being loaded: every vector in the store is measured.</summary>
public sealed class StoredScanTests
{
    private const int Files = 260, Copies = 15;

    [Fact]
    public async Task Before_the_graph_is_there_the_nearest_are_exactly_the_nearest_of_all()
    {
        Random random = Seed.Random();
        using IndexedStore store = new();
        TopicFiles topics = new(random);
        string same = topics.Text();
        for (int i = 0; i < Files; i++)
            store.Write($"f{i}.txt", i < Copies ? same : topics.Text());
        store.UntilSaved(1, Files);
        // Rows that nobody has any more stay in the file.
        for (int i = Copies; i < Copies + 30; i++)
            store.Delete($"f{i}.txt");
        store.UntilSaved(1, Files - 30);
        store.Close();
        IndexState state = store.LoadLog();
        TaskCompletionSource<VectorView> warm = new();
        Generation generation = GenerationReader.Read(store.Tree, 1, state, static (_, _) => null, isReadOnly: true, warm.SetResult, IndexedStore.Cancel);
        VectorView view = await warm.Task.WaitAsync(TimeSpan.FromSeconds(30), IndexedStore.Cancel);
        Assert.Equal(generation.Weights, view.Weights);
        ulong[] some = [.. Enumerable.Range(0, (int)(state.Chunks.Count / 64) + 1).Select(_ => (ulong)random.NextInt64())];
        for (int round = 0; round < 20; round++)
        {
            float[] question = Unit(random, generation.Dimensions);
            ulong[]? allowed = round % 2 == 0 ? null : some;
            ScoredChunk[] found = new ScoredChunk[40];
            int count = view.Near(8)(question, allowed, found);
            ScoredChunk[] exact = Exact(generation, state, question, allowed);
            Assert.Equal(Math.Min(40, exact.Length), count);
            for (int i = 0; i < count; i++)
                Assert.True(Math.Abs(exact[i].Score - found[i].Score) < 1e-4, $"round {round}, rank {i}: {found[i].Score} beside {exact[i].Score}");
            Assert.Equal(count, found[..count].DistinctBy(static hit => hit.Chunk).Count());
            Assert.All(found[..count], hit => Assert.True(generation.Contains(hit.Chunk) && (allowed is null || (allowed[hit.Chunk / 64] >> (int)(hit.Chunk % 64) & 1) != 0)));
        }
        generation.Release();
    }

    private static ScoredChunk[] Exact(Generation generation, IndexState state, float[] question, ulong[]? allowed)
    {
        List<ScoredChunk> all = [];
        float[] vector = new float[generation.Dimensions];
        for (uint chunk = 0; chunk < state.Chunks.Count; chunk++)
        {
            bool isAllowed = allowed is null || (allowed[chunk / 64] >> (int)(chunk % 64) & 1) != 0;
            if (isAllowed && generation.TryCopy(chunk, vector))
                all.Add(new(chunk, vector.Zip(question).Sum(static pair => pair.First * pair.Second)));
        }
        return [.. all.OrderByDescending(static hit => hit.Score)];
    }

    private static float[] Unit(Random random, int dimensions)
    {
        float[] vector = [.. Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f)];
        float length = MathF.Sqrt(vector.Sum(static value => value * value));
        return [.. vector.Select(value => value / length)];
    }
}

using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Tests.Semantic;

public sealed class LsiModelTests
{
    private const int TopicCount = 6;

    [Fact]
    public void It_agrees_with_the_exact_decomposition_of_a_small_matrix()
    {
        Random random = Seed.Random();
        List<ChunkTerms> chunks = Topics.Texts(random, 80, TopicCount, 25);
        LsiModel model = Topics.Fit(chunks, new LsiOptions { Dimensions = TopicCount, MaxShare = 1 });
        double[][] exact = ExactVectors(chunks, model.Dimensions);
        float[][] fitted = [.. chunks.Select(chunk => Vector(model, chunk))];
        for (int i = 0; i < chunks.Count; i += 3)
        {
            for (int k = 0; k < chunks.Count; k += 5)
                Assert.Equal(exact[i].Zip(exact[k], static (a, b) => a * b).Sum(), DenseRows.Dot(fitted[i], fitted[k]), 0.03);
        }
    }

    [Fact]
    public void Texts_of_one_topic_are_near_each_other_without_a_word_in_common()
    {
        Random random = Seed.Random();
        LsiModel model = Topics.Fit(Topics.Texts(random, 400, TopicCount, 30), new LsiOptions { Dimensions = 8 });
        for (int topic = 0; topic < TopicCount; topic++)
        {
            float[] first = Vector(model, ChunkTerms.From([.. Enumerable.Range(topic * Topics.WordsOfTopic, 10)]));
            float[] second = Vector(model, ChunkTerms.From([.. Enumerable.Range((topic * Topics.WordsOfTopic) + 10, 10)]));
            float[] other = Vector(model, ChunkTerms.From([.. Enumerable.Range(((topic + 1) % TopicCount * Topics.WordsOfTopic) + 10, 10)]));
            Assert.InRange(DenseRows.Dot(first, second), 0.6, 1.01);
            Assert.InRange(DenseRows.Dot(first, other), -1.01, 0.4);
        }
    }

    [Fact]
    public void The_same_chunks_and_seed_give_the_same_model_on_any_number_of_threads()
    {
        List<ChunkTerms> chunks = Topics.Texts(Seed.Random(), 300, TopicCount, 30);
        byte[] one = Topics.Fit(chunks, new LsiOptions { Dimensions = 60, Threads = 1 }).ToBytes();
        Assert.Equal(one, Topics.Fit(chunks, new LsiOptions { Dimensions = 60, Threads = 3 }).ToBytes());
        Assert.NotEqual(one, Topics.Fit(chunks, new LsiOptions { Dimensions = 60, Seed = 2 }).ToBytes());
    }

    [Fact]
    public void A_stored_model_embeds_as_before()
    {
        Random random = Seed.Random();
        List<ChunkTerms> chunks = Topics.Texts(random, 200, TopicCount, 30);
        LsiModel model = Topics.Fit(chunks, new LsiOptions { Dimensions = 37 });
        LsiModel read = LsiModel.Parse(model.ToBytes(), 10_000);
        Assert.Equal((model.Dimensions, model.FittedOn, model.Terms), (read.Dimensions, read.FittedOn, read.Terms));
        foreach (ChunkTerms chunk in chunks.Take(20))
            Assert.Equal(Vector(model, chunk), Vector(read, chunk));
        Assert.Throws<InvalidDataException>(() => LsiModel.Parse(model.ToBytes(), 50));
    }

    [Fact]
    public void A_damaged_model_is_refused_or_harmless()
    {
        Random random = Seed.Random();
        List<ChunkTerms> chunks = Topics.Texts(random, 60, TopicCount, 20);
        byte[] good = Topics.Fit(chunks, new LsiOptions { Dimensions = 8 }).ToBytes();
        int refused = 0;
        for (int round = 0; round < 5000; round++)
        {
            byte[] bytes = good[..(random.Next(3) == 0 ? random.Next(good.Length) : good.Length)];
            for (int i = random.Next(1, 5); i > 0 && bytes.Length > 0; i--)
                bytes[random.Next(Math.Min(bytes.Length, random.Next(2) == 0 ? 40 : int.MaxValue))] = (byte)random.Next(256);
            try
            {
                LsiModel model = LsiModel.Parse(bytes, 1000);
                float[] vector = new float[model.Dimensions];
                Assert.InRange(model.Embed(chunks[0], vector), 0, 1);
                Assert.All(vector, static value => Assert.True(float.IsFinite(value)));
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 5000);
    }

    [Fact]
    public void What_share_of_a_text_it_knows_is_said()
    {
        Random random = Seed.Random();
        LsiModel model = Topics.Fit(Topics.Texts(random, 400, TopicCount, 30), new LsiOptions());
        float[] vector = new float[model.Dimensions];
        Assert.Equal(1, model.Embed(ChunkTerms.From([0, 1, 2]), vector));
        Assert.InRange(model.Embed(ChunkTerms.From([0, 1, 100_000]), vector), 0.1f, 0.9f);
        Assert.Equal(0, model.Embed(ChunkTerms.From([100_000]), vector));
        Assert.Equal(0, model.Embed(ChunkTerms.From([]), vector));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void A_store_with_next_to_nothing_gives_a_model_that_may_know_nothing(int count)
    {
        LsiModel model = Topics.Fit([.. Enumerable.Repeat(ChunkTerms.From([1, 2, 3]), count)], new LsiOptions());
        float[] vector = new float[model.Dimensions];
        Assert.InRange(model.Embed(ChunkTerms.From([1, 2]), vector), 0, 1);
    }

    [Fact]
    public void A_fit_can_be_stopped()
    {
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => LsiModel.Fit(Topics.Texts(Seed.Random(), 300, TopicCount, 30), new LsiOptions(), stop.Token));
    }

    private static float[] Vector(LsiModel model, ChunkTerms terms)
    {
        float[] vector = new float[model.Dimensions];
        model.Embed(terms, vector);
        return vector;
    }

    /// <summary>The weighed matrix, its eigenvectors by the dense solver, and each row projected onto them and scaled to length 1.</summary>
    private static double[][] ExactVectors(List<ChunkTerms> chunks, int dimensions)
    {
        TermSelection selection = TermSelection.Choose(chunks, new LsiOptions { MaxShare = 1 });
        WeighedChunks matrix = new(chunks, selection);
        int n = matrix.Terms;
        double[][] dense = [.. Enumerable.Range(0, chunks.Count).Select(chunk =>
        {
            int[] rows = new int[matrix.MaxTerms];
            float[] weights = new float[matrix.MaxTerms];
            double[] row = new double[n];
            for (int i = matrix.Read(chunk, rows, weights) - 1; i >= 0; i--)
                row[rows[i]] = weights[i];
            return row;
        })];
        double[] square = new double[n * n];
        foreach (double[] row in dense)
        {
            for (int i = 0; i < n; i++)
            {
                for (int k = 0; k < n; k++)
                    square[(i * n) + k] += row[i] * row[k];
            }
        }

        SymmetricEigen.Solve(square, n);
        return [.. dense.Select(row =>
        {
            double[] projected = [.. Enumerable.Range(0, dimensions).Select(d => Enumerable.Range(0, n).Sum(i => row[i] * square[(d * n) + i]))];
            double length = Math.Sqrt(projected.Sum(static value => value * value));
            return projected.Select(value => value / length).ToArray();
        })];
    }
}

using ClawFS.Embedding;
using ClawFS.Search.Embedder;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Tests.Embedder;

public sealed class WorkerEmbedderTests
{
    private static readonly EmbedderSettings Settings = new(EmbedderKind.Ollama, "m", "http://127.0.0.1:1");
    private static readonly EmbedderTimes Quick = new() { Passages = 200, Question = 200, Grace = 100, FirstPause = 1, LongestPause = 4, Start = 1000 };
    private static readonly ReadyFrame Fake = new(3, "fake");

    private readonly List<string> lines = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Texts_get_their_vectors_of_length_1_and_a_question_is_asked_once()
    {
        int batches = 0;
        FakeWorkers fakes = new(worker =>
        {
            worker.Begin();
            while (worker.Receive() is TextsFrame batch)
            {
                Interlocked.Increment(ref batches);
                worker.Answer(batch);
            }
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        WorkerModel model = new(embedder, "fake", 3);
        float[] vectors = new float[6];
        await model.Embed([Chunk("four"), Chunk("seven77")], vectors, Token);
        Equal([4, 5, 6], vectors[..3]);
        Equal([7, 8, 9], vectors[3..]);
        QueryVector vector = await model.EmbedQuery("ab", QueryTerms.None, Token);
        Equal([2, 3, 4], vector.Vector);
        Assert.Equal(vector.Vector, (await model.EmbedQuery("ab", QueryTerms.None, Token)).Vector);
        Assert.Equal(2, batches);
        Assert.Empty(lines);
    }

    [Fact]
    public async Task Texts_that_are_gone_get_no_vector_and_long_ones_go_in_several_frames()
    {
        List<int> sizes = [];
        FakeWorkers fakes = new(worker =>
        {
            worker.Begin();
            while (worker.Receive() is TextsFrame batch)
            {
                sizes.Add(batch.Texts.Count);
                worker.Answer(batch);
            }
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        string large = new('x', EmbedLimits.MaxText);
        float[] vectors = new float[3 * 9];
        await new WorkerModel(embedder, "fake", 3).Embed([Chunk(""), .. Enumerable.Repeat(Chunk(large), 6), Chunk(new string('漢', 9000)), Chunk(" \n")], vectors, Token);
        Assert.Equal(7, sizes.Sum());
        Assert.True(sizes.Count >= 2);
        Assert.All(vectors[..3], static value => Assert.Equal(0, value));
        Assert.All(vectors[^3..], static value => Assert.Equal(0, value));
        Equal([large.Length, large.Length + 1, large.Length + 2], vectors[3..6]);
    }

    [Fact]
    public async Task A_worker_that_dies_is_replaced_and_one_line_tells_of_it()
    {
        FakeWorkers fakes = new(worker =>
        {
            if (worker.Number < 3)
            {
                worker.Begin();
                worker.Receive();
                return; // Dead in the middle of a batch.
            }
            worker.Serve();
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        float[][] vectors = await UntilEmbeddedAsync(embedder);
        Assert.Equal([1, 2, 3], vectors[0]);
        Assert.Equal(4, fakes.Started);
        Assert.Contains("has ended", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Null(embedder.Trouble);
    }

    [Fact]
    public async Task A_worker_that_is_silent_is_replaced()
    {
        FakeWorkers fakes = new(worker =>
        {
            if (worker.Number == 0)
            {
                worker.Begin();
                worker.Receive();
                worker.Receive(); // Until fs gives up.
                return;
            }
            worker.Serve();
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        EmbedderException silent = await Assert.ThrowsAsync<EmbedderException>(() => embedder.EmbedAsync(["a"], isQuestion: false, Fake));
        Assert.Contains("silent", silent.Message, StringComparison.Ordinal);
        Assert.Equal((float[])[1, 2, 3], (await UntilEmbeddedAsync(embedder))[0]);
        Assert.Equal(2, fakes.Started);
    }

    [Fact]
    public async Task A_worker_that_never_starts_is_asked_for_again()
    {
        int asked = 0;
        EmbedWorkers nobody = new((_, network) => asked += network is null ? 0 : 1);
        using WorkerEmbedder embedder = new(Settings, 0, nobody, lines.Add, Quick with { Start = 20 });
        await UntilAsync(() =>
        {
            embedder.Tick();
            return asked >= 3;
        });
        Assert.Contains("does not start", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("first")]
    [InlineData("count")]
    [InlineData("dimensions")]
    [InlineData("unasked")]
    [InlineData("ready twice")]
    [InlineData("garbage")]
    [InlineData("from fs")]
    public async Task A_worker_that_breaks_the_protocol_is_not_believed(string how)
    {
        FakeWorkers fakes = new(worker =>
        {
            if (worker.Number > 0)
            {
                worker.Serve();
                return;
            }
            worker.Begin();
            uint id = ((TextsFrame)worker.Receive()!).Id;
            switch (how)
            {
                case "first": worker.Send(new VectorsFrame(id, 1, [new float[3]])); break;
                case "count": worker.Send(new VectorsFrame(id, 0, [new float[3], new float[3]])); break;
                case "dimensions": worker.Send(new VectorsFrame(id, 0, [new float[4]])); break;
                case "unasked": worker.Send(new VectorsFrame(id + 7, 0, [new float[3]])); break;
                case "ready twice": worker.Send(new ReadyFrame(3, "fake")); break;
                case "from fs": worker.Send(new TextsFrame(1, false, 1, ["a"])); break;
                default: worker.SendBytes([0x82, 1, 2]); break;
            }
            worker.Receive();
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        EmbedderException failed = await Assert.ThrowsAsync<EmbedderException>(() => embedder.EmbedAsync(["a"], isQuestion: false, Fake));
        Assert.Contains("embed protocol", failed.Message, StringComparison.Ordinal);
        Assert.Equal((float[])[1, 2, 3], (await UntilEmbeddedAsync(embedder))[0]);
    }

    [Fact]
    public async Task After_a_failure_nothing_is_asked_for_as_long_as_the_embedder_says()
    {
        int batches = 0;
        FakeWorkers fakes = new(worker =>
        {
            worker.Begin();
            while (worker.Receive() is TextsFrame batch)
            {
                Interlocked.Increment(ref batches);
                worker.Send(new FailedFrame(batch.Id, EmbedFailureKind.Again, 3_600_000, "status 429"));
            }
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        for (int i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<EmbedderException>(() => embedder.EmbedAsync(["a"], isQuestion: i % 2 == 0, Fake));
            embedder.Tick();
        }
        Assert.Equal((1, 1), (batches, fakes.Started));
        Assert.Contains("429", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_is_refused_for_itself_keeps_no_other_from_its_vector()
    {
        FakeWorkers fakes = new(worker =>
        {
            worker.Begin();
            while (worker.Receive() is TextsFrame batch)
            {
                if (batch.Texts.Contains("bad"))
                {
                    worker.Send(new FailedFrame(batch.Id, EmbedFailureKind.Refused, 0, "status 400"));
                }
                else
                {
                    worker.Answer(batch);
                }
            }
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        float[] vectors = new float[9];
        await new WorkerModel(embedder, "fake", 3).Embed([Chunk("a"), Chunk("bad"), Chunk("ccc")], vectors, Token);
        Equal([1, 2, 3], vectors[..3]);
        Assert.Equal([0, 0, 0], vectors[3..6]);
        Equal([3, 4, 5], vectors[6..]);
        Assert.Empty(lines);
    }

    [Fact]
    public async Task Vectors_of_another_model_are_not_taken_for_those_of_this_one()
    {
        FakeWorkers fakes = new(worker => worker.Serve(worker.Number == 0 ? "fake" : "other"));
        using WorkerEmbedder embedder = await StartAsync(fakes);
        WorkerModel model = new(embedder, "fake", 3);
        Assert.False(model.IsReplaced);
        using WorkerEmbedder second = new(Settings, 1, fakes.Workers, lines.Add, Quick);
        await UntilAsync(() =>
        {
            second.Tick();
            return second.Known is not null;
        });
        model.Use(second);
        Assert.True(model.IsReplaced);
        await Assert.ThrowsAsync<EmbedderException>(async () => await model.EmbedQuery("a", QueryTerms.None, Token));
    }

    [Fact]
    public async Task The_choice_keeps_the_old_embedder_until_the_new_one_has_made_a_generation()
    {
        FakeWorkers fakes = new(static worker => worker.Serve(worker.Number == 1 ? "second" : "fake"));
        using EmbedderChoice choice = new(fakes.Workers, lines.Add);
        WorkerModel first = await UntilAsync(() => choice.Step(Settings, null));
        choice.Took(first, null);
        Assert.Null(choice.Step(Settings, first));
        EmbedderSettings others = Settings with { Model = "n" };
        WorkerModel second = await UntilAsync(() => choice.Step(others, first));
        Assert.Equal((0, 1), (first.Embedder.Place, second.Embedder.Place));
        Assert.Equal((float[])[1, 2, 3], (await first.Embedder.EmbedAsync(["a"], isQuestion: true, Fake))[0]);
        choice.Took(second, first);
        await Assert.ThrowsAsync<EmbedderException>(() => first.Embedder.EmbedAsync(["a"], isQuestion: true, Fake));
        Assert.Null(choice.Step(others, second));
        // Back to a model in this process: the worker goes when its generation does.
        Assert.Null(choice.Step(null, second));
        choice.Took(null, second);
        Assert.Equal(2, fakes.Dismissed);
    }

    [Fact]
    public async Task Other_settings_of_the_same_model_keep_its_vectors()
    {
        FakeWorkers fakes = new(static worker => worker.Serve());
        using EmbedderChoice choice = new(fakes.Workers, lines.Add);
        WorkerModel model = await UntilAsync(() => choice.Step(Settings, null));
        choice.Took(model, null);
        EmbedderSettings otherKey = Settings with { KeyFile = "/other/key" };
        await UntilAsync(() => choice.Step(otherKey, model) is null && model.Embedder.Settings == otherKey);
        Assert.Equal((2, 1), (fakes.Started, fakes.Dismissed));
    }

    [Fact]
    public async Task Whatever_a_worker_sends_every_batch_ends()
    {
        Random random = Seed.Random();
        int seed = random.Next();
        FakeWorkers fakes = new(worker =>
        {
            Random chance = new(seed + worker.Number);
            worker.Begin();
            byte[] bytes = new byte[EmbedLimits.MaxFrame];
            while (worker.Receive() is TextsFrame batch)
            {
                int length = EmbedWire.Write(new VectorsFrame(batch.Id, 0, [.. batch.Texts.Select(static _ => new float[3])]), bytes);
                if (chance.Next(3) == 0)
                {
                    bytes[chance.Next(Math.Min(length, 16))] ^= (byte)(1 << chance.Next(8));
                }
                worker.SendBytes(bytes.AsSpan(0, length));
            }
        });
        using WorkerEmbedder embedder = await StartAsync(fakes);
        int good = 0;
        for (int i = 0; i < 60; i++)
        {
            try
            {
                Assert.Equal(2, (await embedder.EmbedAsync(["a", "b"], isQuestion: false, Fake).WaitAsync(TimeSpan.FromSeconds(10), Token)).Length);
                good++;
            }
            catch (EmbedderException)
            {
                await UntilAsync(() =>
                {
                    embedder.Tick();
                    return embedder.Trouble is null;
                });
            }
        }
        Assert.InRange(good, 1, 60);
    }

    private static ChunkToEmbed Chunk(string text) => new(0, 0, default, text);

    private async Task<WorkerEmbedder> StartAsync(FakeWorkers fakes)
    {
        WorkerEmbedder embedder = new(Settings, 0, fakes.Workers, lines.Add, Quick);
        await UntilAsync(() =>
        {
            embedder.Tick();
            return embedder.Known is not null;
        });
        return embedder;
    }

    private static async Task<float[][]> UntilEmbeddedAsync(WorkerEmbedder embedder)
    {
        Task<float[][]>? made = null;
        await UntilAsync(() =>
        {
            embedder.Tick();
            made = made is null or { IsFaulted: true } ? embedder.EmbedAsync(["a"], isQuestion: false, Fake) : made;
            return made.IsCompletedSuccessfully;
        });
        return await made!;
    }

    private static Task UntilAsync(Func<bool> reached) => UntilAsync(() => reached() ? "" : null);

    private static async Task<T> UntilAsync<T>(Func<T?> look) where T : class
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (look() is { } found)
            {
                return found;
            }
            await Task.Delay(1, limit.Token);
        }
    }

    private static void Equal(float[] direction, ReadOnlySpan<float> vector)
    {
        float length = MathF.Sqrt(direction.Sum(static value => value * value));
        for (int i = 0; i < direction.Length; i++)
        {
            Assert.Equal(direction[i] / length, vector[i], 1e-5f);
        }
    }
}

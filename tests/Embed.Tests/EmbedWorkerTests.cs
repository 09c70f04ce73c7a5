using ClawFS.Embedding;
using ClawFS.Linux;

namespace ClawOS.Embed.Tests;

public sealed class EmbedWorkerTests : IDisposable
{
    private static readonly ModelFrame Model = new(new EmbedderSettings(EmbedderKind.Ollama, "m", "http://127.0.0.1:1"));

    private readonly SeqPacketSocket fs, worker;
    private readonly byte[] buffer = new byte[EmbedLimits.MaxFrame];

    public EmbedWorkerTests() => (fs, worker) = SeqPacketSocket.CreatePair();

    public void Dispose()
    {
        fs.Dispose();
        worker.Dispose();
    }

    [Fact]
    public async Task Texts_come_back_as_vectors_in_as_many_frames_as_they_need()
    {
        Task<bool> running = Run(new FakeEmbedder(EmbedLimits.MostDimensions));
        Send(Model);
        Assert.Equal(new ReadyFrame(EmbedLimits.MostDimensions, "fake"), Receive());
        Send(new TextsFrame(5, false, 10_000, [.. Enumerable.Range(0, EmbedLimits.MaxTexts).Select(static i => $"{i}")]));
        int next = 0;
        while (next < EmbedLimits.MaxTexts)
        {
            VectorsFrame frame = Assert.IsType<VectorsFrame>(Receive());
            Assert.Equal((5u, next), (frame.Id, frame.First));
            Assert.All(frame.Vectors, vector => Assert.Equal(next++, vector[0]));
        }
        fs.Dispose();
        Assert.True(await running);
    }

    [Fact]
    public async Task A_question_does_not_wait_for_passages()
    {
        TaskCompletionSource held = new();
        Task<bool> running = Run(new FakeEmbedder(2) { Before = text => text == "passage" ? held.Task : Task.CompletedTask });
        Send(Model);
        Receive();
        Send(new TextsFrame(1, false, 60_000, ["passage"]));
        Send(new TextsFrame(2, true, 60_000, ["question"]));
        Assert.Equal(2u, Assert.IsType<VectorsFrame>(Receive()).Id);
        held.SetResult();
        Assert.Equal(1u, Assert.IsType<VectorsFrame>(Receive()).Id);
        fs.Dispose();
        Assert.True(await running);
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_fails_and_the_next_goes_on()
    {
        Task<bool> running = Run(new FakeEmbedder(2) { Before = static text => text == "slow" ? Task.Delay(Timeout.Infinite) : Task.CompletedTask });
        Send(Model);
        Receive();
        Send(new TextsFrame(1, false, 50, ["slow"]));
        Assert.Equal((1u, EmbedFailureKind.Again), Assert.IsType<FailedFrame>(Receive()) is { } failed ? (failed.Id, failed.Kind) : default);
        Send(new TextsFrame(2, false, 60_000, ["7"]));
        Assert.Equal(2u, Assert.IsType<VectorsFrame>(Receive()).Id);
        fs.Dispose();
        Assert.True(await running);
    }

    [Theory]
    [InlineData(3, 2, "dimensions")]
    [InlineData(2, 1, "vectors came")]
    public async Task Vectors_that_are_not_what_was_asked_for_are_a_failure(int dimensions, int count, string reason)
    {
        Task<bool> running = Run(new FakeEmbedder(2) { Forged = [.. Enumerable.Repeat(new float[dimensions], count)] });
        Send(Model);
        Receive();
        Send(new TextsFrame(1, false, 10_000, ["a", "b"]));
        Assert.Contains(reason, Assert.IsType<FailedFrame>(Receive()).Reason, StringComparison.Ordinal);
        fs.Dispose();
        Assert.True(await running);
    }

    [Fact]
    public async Task A_model_that_cannot_be_had_is_told_and_ends_the_worker()
    {
        Task<bool> running = Task.Run(() => EmbedWorker.RunAsync(worker, static (_, _) => throw new EmbedException(EmbedFailureKind.Unusable, "no such\nmodel")));
        Send(Model);
        Assert.Equal(new FailedFrame(0, EmbedFailureKind.Unusable, 0, "no such model"), Receive());
        Assert.False(await running);
    }

    [Fact]
    public async Task Texts_before_a_model_and_a_second_model_end_the_worker()
    {
        Task<bool> running = Run(new FakeEmbedder(2));
        Send(new TextsFrame(1, false, 10_000, ["a"]));
        Assert.False(await running);
        Task<bool> second = Run(new FakeEmbedder(2));
        Send(Model);
        Send(Model);
        Assert.False(await second);
    }

    [Fact]
    public async Task Whatever_comes_the_worker_serves_or_ends()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 30; round++)
        {
            (SeqPacketSocket near, SeqPacketSocket far) = SeqPacketSocket.CreatePair();
            using (near)
            using (far)
            {
                Task<bool> running = Task.Run(() => EmbedWorker.RunAsync(far, static (_, _) => Task.FromResult<TextEmbedder>(new FakeEmbedder(2))));
                byte[] frame = new byte[EmbedLimits.MaxFrame];
                for (int i = 0; i < 20 && !running.IsCompleted; i++)
                {
                    int length = EmbedWire.Write(i == 0 ? Model : new TextsFrame((uint)i, random.Next(2) == 0, 1000, ["a", "b"]), frame);
                    if (random.Next(8) == 0)
                    {
                        frame[random.Next(length)] ^= (byte)(1 << random.Next(8));
                    }
                    near.Send(frame.AsSpan(0, length));
                }
                near.Shutdown();
                await running.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            }
        }
    }

    private Task<bool> Run(FakeEmbedder embedder) => Task.Run(() => EmbedWorker.RunAsync(worker, (_, _) => Task.FromResult<TextEmbedder>(embedder)));

    private void Send(EmbedFrame frame)
    {
        byte[] bytes = new byte[EmbedLimits.MaxFrame];
        Assert.True(fs.Send(bytes.AsSpan(0, EmbedWire.Write(frame, bytes))));
    }

    private EmbedFrame Receive() => EmbedWire.Read(buffer.AsSpan(0, fs.Receive(buffer)));

    /// <summary>A number is its own vector.</summary>
    private sealed class FakeEmbedder(int dimensions) : TextEmbedder
    {
        internal Func<string, Task> Before { get; init; } = static _ => Task.CompletedTask;

        internal float[][]? Forged { get; init; }

        internal override string Name => "fake";

        internal override int Dimensions => dimensions;

        internal override async Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancel)
        {
            await Before(texts[0]).WaitAsync(cancel);
            return Forged ?? [.. texts.Select(text => Enumerable.Repeat(float.TryParse(text, out float value) ? value : 0, dimensions).ToArray())];
        }
    }
}

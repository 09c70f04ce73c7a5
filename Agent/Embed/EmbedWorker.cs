using System.Threading.Channels;
using ClawFS.Embedding;
using ClawFS.Linux;

namespace ClawOS.Embed;

/// <summary>
/// The worker's side of the channel: one model, then texts, each answered by its vectors or by a failure. Passages are done one batch after the other, questions beside them.
/// Whatever breaks the protocol ends the worker: fs starts another.
/// </summary>
internal sealed class EmbedWorker : IDisposable
{
    private readonly MessageChannel channel;
    private readonly TextEmbedder embedder;
    private readonly Lock sending = new();
    private readonly byte[] outgoing = new byte[EmbedLimits.MaxFrame];
    private readonly CancellationTokenSource stopping = new();
    private readonly Channel<(TextsFrame Batch, long Deadline)> passages = Channel.CreateBounded<(TextsFrame, long)>(EmbedLimits.MaxUnderWay);
    private readonly Channel<(TextsFrame Batch, long Deadline)> questions = Channel.CreateBounded<(TextsFrame, long)>(EmbedLimits.MaxUnderWay);

    private EmbedWorker(MessageChannel channel, TextEmbedder embedder)
    {
        this.channel = channel;
        this.embedder = embedder;
    }

    /// <summary>Serves until fs closes the channel.</summary>
    /// <param name="channel">The worker's end.</param>
    /// <param name="open">Makes the embedder of the settings that come first.</param>
    /// <returns>False: the model cannot be had, or fs broke the protocol.</returns>
    internal static async Task<bool> RunAsync(MessageChannel channel, Func<EmbedderSettings, CancellationToken, Task<TextEmbedder>> open)
    {
        byte[] incoming = new byte[EmbedLimits.MaxFrame];
        try
        {
            if (channel.Receive(incoming) is not (> 0 and int length))
            {
                return true;
            }
            if (EmbedWire.Read(incoming.AsSpan(0, length)) is not ModelFrame model)
            {
                return false;
            }
            using TextEmbedder embedder = await open(model.Settings, CancellationToken.None);
            using EmbedWorker worker = new(channel, embedder);
            worker.Send(new ReadyFrame(embedder.Dimensions, embedder.Name));
            return await worker.ServeAsync(incoming);
        }
        catch (EmbedException failed)
        {
            byte[] frame = new byte[EmbedLimits.MaxReason + 64];
            _ = channel.Send(frame.AsSpan(0, EmbedWire.Write(Failure(0, failed), frame)));
            return false;
        }
        catch (InvalidDataException)
        {
            return false; // fs does not speak this protocol: nothing that it could understand is left to say.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stopping.Dispose();

    private async Task<bool> ServeAsync(byte[] incoming)
    {
        Task[] workers = [Task.Run(() => WorkAsync(passages.Reader)), Task.Run(() => WorkAsync(questions.Reader))];
        bool isSound = true;
        try
        {
            for (int length = channel.Receive(incoming); length > 0; length = channel.Receive(incoming))
            {
                isSound = EmbedWire.Read(incoming.AsSpan(0, length)) is TextsFrame batch
                    && (batch.IsQuestion ? questions : passages).Writer.TryWrite((batch, Environment.TickCount64 + batch.Milliseconds));
                if (!isSound)
                {
                    break;
                }
            }
        }
        catch (InvalidDataException)
        {
            isSound = false; // As above.
        }
        await stopping.CancelAsync();
        passages.Writer.Complete();
        questions.Writer.Complete();
        await Task.WhenAll(workers);
        return isSound;
    }

    private async Task WorkAsync(ChannelReader<(TextsFrame Batch, long Deadline)> batches)
    {
        await foreach ((TextsFrame batch, long deadline) in batches.ReadAllAsync())
        {
            if (!stopping.IsCancellationRequested)
            {
                await AnswerAsync(batch, deadline - Environment.TickCount64);
            }
        }
    }

    private async Task AnswerAsync(TextsFrame batch, long milliseconds)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        limit.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(1, milliseconds)));
        try
        {
            float[][] vectors = await embedder.EmbedAsync(batch.Texts, limit.Token);
            if (VectorCheck.FaultOf(vectors, batch.Texts.Count, embedder.Dimensions) is { } fault)
            {
                throw new EmbedException(EmbedFailureKind.Again, fault);
            }
            int most = EmbedWire.VectorsPerFrame(embedder.Dimensions);
            for (int first = 0; first < vectors.Length; first += most)
            {
                Send(new VectorsFrame(batch.Id, first, vectors[first..Math.Min(vectors.Length, first + most)]));
            }
        }
        catch (EmbedException failed)
        {
            Send(Failure(batch.Id, failed));
        }
        catch (OperationCanceledException)
        {
            Send(new FailedFrame(batch.Id, EmbedFailureKind.Again, 0, "the embedder did not answer in time"));
        }
    }

    private static FailedFrame Failure(uint id, EmbedException failed) => new(id, failed.Kind, (uint)Math.Min(failed.RetryAfter.TotalMilliseconds, EmbedLimits.MaxMilliseconds), failed.Message);

    private void Send(EmbedFrame frame)
    {
        lock (sending)
        {
            // False: fs is gone, and so the receiving side ends this process.
            _ = channel.Send(outgoing.AsSpan(0, EmbedWire.Write(frame, outgoing)));
        }
    }
}

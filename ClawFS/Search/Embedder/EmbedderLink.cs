using System.Collections.Concurrent;
using ClawFS.Embedding;
using ClawFS.Linux;

namespace ClawFS.Search.Embedder;

/// <summary>
/// One worker at the other end of a channel, until either end closes. What it sends is checked; what breaks the protocol ends it. Safe for several threads, none of which waits for
/// the worker: a thread of its own sends, another receives.
/// </summary>
internal sealed class EmbedderLink : IDisposable
{
    private readonly SeqPacketSocket channel;
    private readonly Lock gate = new();
    private readonly BlockingCollection<EmbedFrame> outgoing = [];
    private readonly Thread sender;
    private readonly Dictionary<uint, Batch> underWay = [];
    private readonly TaskCompletionSource<ReadyFrame> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint lastId;
    private EmbedderException? end;

    /// <summary>Takes a channel, says what to embed with, and listens.</summary>
    public EmbedderLink(SeqPacketSocket channel, EmbedderSettings settings)
    {
        this.channel = channel;
        _ = ready.Task.ContinueWith(static task => task.Exception, TaskScheduler.Default); // Seen, whoever asks for it.
        outgoing.Add(new ModelFrame(settings));
        sender = new Thread(SendAll) { IsBackground = true, Name = "to embedder" };
        sender.Start();
        new Thread(Listen) { IsBackground = true, Name = "embedder" }.Start();
    }

    /// <summary>Completes when the model answers, faults when it cannot be had.</summary>
    public Task<ReadyFrame> Ready => ready.Task;

    /// <summary>Why it has ended, or null.</summary>
    public EmbedderException? End
    {
        get
        {
            lock (gate)
            {
                return end;
            }
        }
    }

    /// <summary>Asks for vectors. The task faults with an <see cref="EmbedderException"/>.</summary>
    /// <param name="texts">Texts that fit into one frame.</param>
    /// <param name="isQuestion">Whether somebody waits for it.</param>
    /// <param name="milliseconds">How long the worker may try.</param>
    public Task<float[][]> EmbedAsync(IReadOnlyList<string> texts, bool isQuestion, uint milliseconds)
    {
        Batch batch = new(texts.Count, ready.Task.Result.Dimensions);
        uint id;
        lock (gate)
        {
            if (end is not null || underWay.Count >= EmbedLimits.MaxUnderWay / 2)
            {
                return Task.FromException<float[][]>(end ?? new EmbedderException(EmbedFailureKind.Again, "too many questions at once"));
            }
            id = lastId = lastId == uint.MaxValue ? 1 : lastId + 1;
            underWay.Add(id, batch);
            outgoing.Add(new TextsFrame(id, isQuestion, milliseconds, texts));
        }
        return batch.Answer.Task;
    }

    /// <summary>Ends it, if it has not ended: all that is under way fails with the reason.</summary>
    public void Break(EmbedderException reason)
    {
        Batch[] left;
        lock (gate)
        {
            if (end is not null)
            {
                return;
            }
            end = reason;
            left = [.. underWay.Values];
            underWay.Clear();
            outgoing.CompleteAdding();
        }
        ready.TrySetException(reason);
        foreach (Batch batch in left)
        {
            batch.Answer.TrySetException(reason);
        }
        channel.Shutdown();
    }

    /// <inheritdoc/>
    public void Dispose() => Break(new EmbedderException(EmbedFailureKind.Again, "the embedder is not wanted any more"));

    private void Listen()
    {
        string reason = "the embed worker has ended";
        EmbedFailureKind kind = EmbedFailureKind.Again;
        uint retry = 0;
        try
        {
            byte[] incoming = new byte[EmbedLimits.MaxFrame];
            for (int length = channel.Receive(incoming); length > 0; length = channel.Receive(incoming))
            {
                EmbedFrame frame = EmbedWire.Read(incoming.AsSpan(0, length));
                if (frame is FailedFrame { Id: 0 } failed)
                {
                    (kind, reason, retry) = (failed.Kind, failed.Reason, failed.RetryMilliseconds);
                    break;
                }
                Take(frame);
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException)
        {
            reason = broken.Message;
        }
        Break(new EmbedderException(kind, reason, retry));
        sender.Join();
        channel.Dispose();
        outgoing.Dispose();
    }

    private void Take(EmbedFrame frame)
    {
        switch (frame)
        {
            case ReadyFrame made when !ready.Task.IsCompleted:
                ready.TrySetResult(made);
                break;
            case VectorsFrame vectors:
                if (Find(vectors.Id)?.Take(vectors) == true)
                {
                    Remove(vectors.Id);
                }
                break;
            case FailedFrame failed:
                Find(failed.Id);
                Remove(failed.Id)?.Answer.TrySetException(new EmbedderException(failed.Kind, failed.Reason, failed.RetryMilliseconds));
                break;
            default:
                throw new InvalidDataException("embed protocol: a frame that the worker may not send now");
        }
    }

    private Batch? Find(uint id)
    {
        lock (gate)
        {
            return underWay.TryGetValue(id, out Batch? batch) ? batch : end is null ? throw new InvalidDataException("embed protocol: an answer to what was not asked") : null;
        }
    }

    private Batch? Remove(uint id)
    {
        lock (gate)
        {
            return underWay.Remove(id, out Batch? batch) ? batch : null;
        }
    }

    private void SendAll()
    {
        byte[] buffer = new byte[EmbedLimits.MaxFrame];
        foreach (EmbedFrame frame in outgoing.GetConsumingEnumerable())
        {
            if (!channel.Send(buffer.AsSpan(0, EmbedWire.Write(frame, buffer))))
            {
                return; // The worker is gone, and the thread that listens hears of it.
            }
        }
    }

    /// <summary>Vectors that come in parts.</summary>
    private sealed class Batch(int count, int dimensions)
    {
        private readonly List<float[]> vectors = new(count);

        public TaskCompletionSource<float[][]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Takes a part; true: it was the last.</summary>
        public bool Take(VectorsFrame part)
        {
            if (part.First != vectors.Count || part.First + part.Vectors.Count > count || part.Vectors[0].Length != dimensions)
            {
                throw new InvalidDataException("embed protocol: vectors that do not fit what was asked");
            }
            vectors.AddRange(part.Vectors);
            return vectors.Count == count && Answer.TrySetResult([.. vectors]);
        }
    }
}

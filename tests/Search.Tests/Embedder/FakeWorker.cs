using ClawFS.Embedding;
using ClawFS.Linux;
using ClawFS.Search.Embedder;

namespace ClawFS.Search.Tests.Embedder;

/// <summary>Worker processes played by threads: each that is asked for gets a channel and does what the test says.</summary>
internal sealed class FakeWorkers
{
    private readonly Action<FakeWorker> play;
    private int started;

    internal FakeWorkers(Action<FakeWorker> play)
    {
        this.play = play;
        Workers = new EmbedWorkers(Asked);
    }

    internal EmbedWorkers Workers { get; }

    /// <summary>How many were asked for.</summary>
    internal int Started => Volatile.Read(ref started);

    internal int Dismissed { get; private set; }

    private void Asked(int place, bool? network)
    {
        if (network is null)
        {
            Dismissed++;
            return;
        }
        int number = Interlocked.Increment(ref started) - 1;
        (SeqPacketSocket fs, SeqPacketSocket worker) = SeqPacketSocket.CreatePair();
        Workers.Attach(place, fs);
        new Thread(() =>
        {
            using (worker)
            {
                play(new FakeWorker(worker, number));
            }
        })
        { IsBackground = true }.Start();
    }
}

/// <summary>One of them.</summary>
internal sealed class FakeWorker(SeqPacketSocket channel, int number)
{
    private readonly byte[] incoming = new byte[EmbedLimits.MaxFrame], outgoing = new byte[EmbedLimits.MaxFrame];

    /// <summary>0 for the first that was started.</summary>
    internal int Number => number;

    internal void Send(EmbedFrame frame) => channel.Send(outgoing.AsSpan(0, EmbedWire.Write(frame, outgoing)));

    internal void SendBytes(ReadOnlySpan<byte> bytes) => channel.Send(bytes);

    /// <summary>The next frame; null at the end.</summary>
    internal EmbedFrame? Receive() => channel.Receive(incoming) is > 0 and int length ? EmbedWire.Read(incoming.AsSpan(0, length)) : null;

    /// <summary>Says that the model is there.</summary>
    internal void Begin(string name = "fake", int dimensions = 3)
    {
        Receive();
        Send(new ReadyFrame(dimensions, name));
    }

    /// <summary>Answers all that comes.</summary>
    internal void Serve(string name = "fake", int dimensions = 3)
    {
        Begin(name, dimensions);
        while (Receive() is TextsFrame batch)
        {
            Answer(batch, dimensions);
        }
    }

    internal void Answer(TextsFrame batch, int dimensions = 3) =>
        Send(new VectorsFrame(batch.Id, 0, [.. batch.Texts.Select(text => Enumerable.Range(0, dimensions).Select(i => (float)text.Length + i).ToArray())]));
}

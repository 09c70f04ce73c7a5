using System.Threading.Channels;
using ClawFS.Linux;

namespace ClawOS.Security.GuardLink;

/// <summary>
/// One end of the channel between fs and guard. What is sent waits in a queue for a thread of its own, so that nobody who sends waits for the other process; a frame that
/// breaks the protocol ends the channel. <see cref="Ended"/> is called once, after the last frame.
/// </summary>
public sealed class GuardChannel : IDisposable
{
    private const int MaxQueue = 4096;

    private readonly MessageChannel channel;
    private readonly Channel<GuardFrame> queue = Channel.CreateBounded<GuardFrame>(MaxQueue);
    private readonly string name;
    private readonly Lock gate = new();
    private bool isClosed;

    /// <summary>Takes over a channel; nothing happens before <see cref="Start"/>.</summary>
    /// <param name="channel">The socket.</param>
    /// <param name="name">The name of the other side, for threads and messages.</param>
    public GuardChannel(MessageChannel channel, string name)
    {
        this.channel = channel;
        this.name = name;
    }

    /// <summary>Called with each frame, on the channel's own thread.</summary>
    public required Action<GuardFrame> Received { get; init; }

    /// <summary>Called when the other side is gone, with what it broke, or null.</summary>
    public required Action<string?> Ended { get; init; }

    /// <summary>Begins to send and receive.</summary>
    public void Start()
    {
        _ = BackgroundThread($"{name} in", Listen);
        _ = BackgroundThread($"{name} out", SendAll);
    }

    /// <summary>Has a frame sent.</summary>
    /// <returns>False when the other side is gone, or has not read for so long that the queue is full: then the channel is over.</returns>
    public bool Send(GuardFrame frame)
    {
        if (queue.Writer.TryWrite(frame))
        {
            return true;
        }

        Dispose();
        return false;
    }

    /// <summary>Ends the channel; <see cref="Ended"/> is still called.</summary>
    public void Dispose()
    {
        _ = queue.Writer.TryComplete();
        lock (gate)
        {
            // The thread that listens finds the end, and closes.
            if (!isClosed)
            {
                (channel as SeqPacketSocket)?.Shutdown();
            }
        }
    }

    private static Thread BackgroundThread(string name, ThreadStart work)
    {
        Thread thread = new(work) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private void SendAll()
    {
        try
        {
            while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (queue.Reader.TryRead(out GuardFrame? frame))
                {
                    if (!channel.Send(GuardWire.Write(frame)))
                    {
                        return;
                    }
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            // The reader of this channel finds its end, too, and tells it.
        }
    }

    private void Listen()
    {
        string? fault = null;
        try
        {
            byte[] buffer = new byte[GuardLimits.MaxFrame];
            for (int length = channel.Receive(buffer); length > 0; length = channel.Receive(buffer))
            {
                Received(GuardWire.Read(buffer.AsSpan(0, length)));
            }
        }
        catch (InvalidDataException broken)
        {
            fault = broken.Message;
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException)
        {
            fault = gone.Message;
        }

        Dispose();
        lock (gate)
        {
            isClosed = true;
            channel.Dispose();
        }

        Ended(fault);
    }
}

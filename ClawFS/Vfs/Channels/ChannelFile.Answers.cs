using ClawFS.Linux;

namespace ClawFS.Vfs;

// From the service back to the client.
internal sealed partial class ChannelFile
{
    /// <summary>Ends everything outstanding with an error.</summary>
    internal void FailAll(Errno error)
    {
        ChannelExchange[] outstanding;
        lock (Gate)
        {
            outstanding = [.. exchanges];
        }
        foreach (ChannelExchange exchange in outstanding)
        {
            exchange.Fail(error);
        }
    }

    /// <summary>Serves waiting readers and pollers after an exchange has changed.</summary>
    internal void Wake()
    {
        List<(ParkedRead Reader, byte[] Data, Errno Error)> served = [];
        bool wakesPoll;
        lock (Gate)
        {
            while (readers.Count != 0 && IsReadable())
            {
                ParkedRead reader = readers.Dequeue();
                // Claimed before anything is taken: the answer of an interrupted read stays for the next one.
                if (reader.TryClaim())
                {
                    byte[] buffer = new byte[reader.Length];
                    Errno error = Take(buffer, out int count);
                    served.Add((reader, buffer[..count], error));
                }
            }
            wakesPoll = isPolled && IsReadable();
            isPolled &= !wakesPoll;
        }
        foreach ((ParkedRead reader, byte[] data, Errno error) in served)
        {
            reader.Answer(data, error);
        }
        if (wakesPoll)
        {
            channel.Kernel.PollWakeup(pollHandle);
        }
    }

    /// <summary>Whether a read needs not wait: there are bytes, an error, or nothing to wait for. Under the gate.</summary>
    private bool IsReadable()
    {
        foreach (ChannelExchange exchange in exchanges)
        {
            if (exchange.HasData || exchange.HasError)
            {
                return true;
            }
            if (!exchange.IsDone)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Bytes of the answers in order; 0 bytes are the end of the last one. Only when readable, under the gate.</summary>
    private Errno Take(Span<byte> buffer, out int count)
    {
        count = 0;
        while (exchanges.First?.Value is ChannelExchange first)
        {
            count += first.Take(buffer[count..]);
            if (first.HasData || !first.IsDone)
            {
                break;
            }
            if (first.HasError)
            {
                if (count != 0)
                {
                    break;
                }
                exchanges.RemoveFirst();
                return first.Error;
            }
            exchanges.RemoveFirst();
        }
        return Errno.Ok;
    }
}

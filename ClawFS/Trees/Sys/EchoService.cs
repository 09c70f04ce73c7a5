using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>
/// `sys/echo`: a channel that answers each line with that line, to try channels out. The line `!stop` makes it behave like a service that hangs:
/// what comes after waits, while everything else in the tree goes on, until `!go` answers it all.
/// </summary>
internal sealed class EchoService : ChannelService
{
    public const string FileName = "echo";

    private readonly Lock gate = new();
    private readonly HashSet<ChannelExchange> waiting = [];
    private bool isStopped;

    public override bool IsUp => true;

    /// <summary>Requests that wait for `!go`.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    public override Errno Submit(ChannelExchange exchange)
    {
        List<ChannelExchange> ready = [];
        lock (gate)
        {
            ReadOnlySpan<byte> line = exchange.Bytes.Span;
            bool isOrder = line.SequenceEqual("!stop"u8) || line.SequenceEqual("!go"u8);
            if (isOrder)
            {
                isStopped = line.SequenceEqual("!stop"u8);
            }
            if (isStopped && !isOrder)
            {
                waiting.Add(exchange);
            }
            else
            {
                ready.Add(exchange);
            }
            if (!isStopped)
            {
                ready.AddRange(waiting);
                waiting.Clear();
            }
        }
        exchange.OnAbandoned(() => Forget(exchange));
        foreach (ChannelExchange each in ready)
        {
            each.Append([.. each.Bytes.Span, (byte)'\n']);
            each.Complete();
        }
        return Errno.Ok;
    }

    private void Forget(ChannelExchange exchange)
    {
        lock (gate)
        {
            waiting.Remove(exchange);
        }
    }
}

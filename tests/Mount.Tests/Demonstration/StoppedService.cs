using System.Collections.Concurrent;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawOS.Mount.Tests.Demonstration;

/// <summary>A service that takes requests and does not answer until it is told to.</summary>
internal sealed class StoppedService : ChannelService
{
    private readonly ConcurrentQueue<ChannelExchange> _taken = new();
    private readonly SemaphoreSlim _arrived = new(0);
    private int _abandoned;

    public override bool IsUp => true;

    /// <summary>Requests whose client has closed.</summary>
    public int Abandoned => Volatile.Read(ref _abandoned);

    public override Errno Submit(ChannelExchange exchange)
    {
        _taken.Enqueue(exchange);
        exchange.OnAbandoned(() => Interlocked.Increment(ref _abandoned));
        _arrived.Release();
        return Errno.Ok;
    }

    /// <summary>Waits until this many requests have come.</summary>
    public bool WaitFor(int count, TimeSpan limit)
    {
        for (int i = 0; i < count; i++)
        {
            if (!_arrived.Wait(limit))
                return false;
        }
        return true;
    }

    /// <summary>Goes on again: each request is answered with itself.</summary>
    public void AnswerAll()
    {
        while (_taken.TryDequeue(out ChannelExchange? exchange))
        {
            exchange.Append(exchange.Bytes.Span);
            exchange.Complete();
        }
    }
}

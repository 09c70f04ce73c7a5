using ClawFS.Embedding;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace ClawOS.Embed.Remote;

/// <summary>
/// When a request is sent again: after a failure that passes, four times at most, from half a second on each time twice as long with some chance in it, or after as long as
/// the server says. What would take longer than <see cref="LongestWait"/> is fs's to try later.
/// </summary>
internal sealed class Retries
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>One try; a server that says nothing for so long is asked anew.</summary>
    private static readonly TimeSpan OneTry = TimeSpan.FromSeconds(30);

    private readonly ResiliencePipeline pipeline = new ResiliencePipelineBuilder()
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = 4,
            Delay = TimeSpan.FromSeconds(0.5),
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            MaxDelay = LongestWait,
            DelayGenerator = static arguments => new ValueTask<TimeSpan?>(
                arguments.Outcome.Exception is EmbedException { RetryAfter: { Ticks: > 0 } wait } ? wait : null),
            ShouldHandle = static arguments => new ValueTask<bool>(
                arguments.Outcome.Exception is TimeoutRejectedException
                || (arguments.Outcome.Exception is EmbedException { Kind: EmbedFailureKind.Again } failed && failed.RetryAfter <= LongestWait)),
        })
        .AddTimeout(OneTry)
        .Build();

    /// <summary>Runs a request, and again where that is worth it.</summary>
    /// <exception cref="EmbedException">Its last failure.</exception>
    /// <exception cref="OperationCanceledException">The time of all tries is over.</exception>
    internal async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> request, CancellationToken cancel)
    {
        EmbedException? last = null;
        try
        {
            return await pipeline.ExecuteAsync(
                async limit =>
                {
                    try
                    {
                        return await request(limit);
                    }
                    catch (EmbedException failed)
                    {
                        last = failed;
                        throw;
                    }
                },
                cancel);
        }
        catch (TimeoutRejectedException late)
        {
            throw new EmbedException(EmbedFailureKind.Again, "the server did not answer in time", inner: late);
        }
        catch (OperationCanceledException) when (last is not null)
        {
            throw last; // Out of time between two tries: what went wrong says more than that.
        }
    }
}

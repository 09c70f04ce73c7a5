using ClawFS.Search.Index;

namespace ClawFS.Search.Tests.Index;

public sealed class CourtesyTests
{
    [Fact]
    public void Work_waits_while_requests_come_and_goes_on_when_they_stop()
    {
        int asked = 0;
        // Many requests at each of the first ten looks, none later.
        Courtesy courtesy = new(() => Math.Min(++asked, 10) * 100_000L, CancellationToken.None);
        courtesy.Wait();
        Assert.Equal(11, asked);
    }

    [Fact]
    public void Work_that_has_waited_long_goes_on_whatever_comes()
    {
        long asked = 0;
        Courtesy courtesy = new(() => ++asked * 100_000, CancellationToken.None) { Patience = TimeSpan.FromMilliseconds(100) };
        courtesy.Wait();
        // A look before each of the five pauses; none is left for another.
        Assert.InRange(asked, 2, 5);
        courtesy.Wait();
        Assert.InRange(asked, 2, 5);
    }
}

using ClawFS.Supervisor;

namespace Supervisor.Tests.Running;

public sealed class RestartBudgetTests
{
    [Fact]
    public void A_minute_has_its_share_and_the_next_one_a_new_one()
    {
        Clock clock = new();
        RestartBudget budget = new(perMinute: 3, clock);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(budget.TryTake());
        }

        Assert.False(budget.TryTake());
        clock.Now += TimeSpan.FromSeconds(61);
        Assert.True(budget.TryTake());
    }

    private sealed class Clock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

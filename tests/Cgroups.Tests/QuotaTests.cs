namespace ClawOS.Security.Cgroups.Tests;

public sealed class QuotaTests
{
    [Fact]
    public void Limits_outside_their_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Quota { CpuPercent = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Quota { CpuPercent = 102_401 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Quota { MemoryBytes = Quota.MinMemoryBytes - 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Quota { Processes = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Quota { Processes = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Quota { IoWeight = 10_001 });
    }

    [Fact]
    public void A_quota_says_its_limits()
    {
        Assert.Equal("cpu 20 %, memory 64 MiB, 5 processes, i/o weight 50", new Quota { CpuPercent = 20, MemoryBytes = 64 << 20, Processes = 5, IoWeight = 50 }.ToString());
        Assert.Equal("no limit", Quota.None.ToString());
    }
}

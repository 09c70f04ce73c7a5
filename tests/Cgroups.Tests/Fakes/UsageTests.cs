namespace ClawOS.Security.Cgroups.Tests.Fakes;

public sealed class UsageTests
{
    [Fact]
    public void Version_2_tells_what_was_used()
    {
        using FakeHost fake = Layouts.Unified();
        fake.Set(Layouts.V2 + "/cpu.stat", "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\nnr_periods 28\nnr_throttled 27\nthrottled_usec 2250000\n")
            .Set(Layouts.V2 + "/memory.current", "4096\n").Set(Layouts.V2 + "/memory.peak", "8192\n")
            .Set(Layouts.V2 + "/memory.events", "low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n")
            .Set(Layouts.V2 + "/pids.current", "3\n").Set(Layouts.V2 + "/pids.peak", "5\n").Set(Layouts.V2 + "/pids.events", "max 4\n");
        Assert.Equal(
            new CgroupUsage
            {
                CpuTime = TimeSpan.FromSeconds(1.5), Periods = 28, ThrottledPeriods = 27, ThrottledTime = TimeSpan.FromSeconds(2.25),
                MemoryBytes = 4096, MemoryPeakBytes = 8192, MemoryLimitHits = 12, OomKills = 1, Processes = 3, ProcessesPeak = 5, ForksRefused = 4,
            },
            fake.Take("g").Usage);
    }

    [Fact]
    public void Version_1_tells_the_same()
    {
        using FakeHost fake = Layouts.Older();
        fake.Set(Layouts.V1Cpu + "/cpu.stat", "nr_periods 28\nnr_throttled 27\nthrottled_time 2250000000\n").Set(Layouts.V1Cpu + "/cpuacct.usage", "1500000000\n")
            .Set(Layouts.V1Memory + "/memory.usage_in_bytes", "4096\n").Set(Layouts.V1Memory + "/memory.max_usage_in_bytes", "8192\n").Set(Layouts.V1Memory + "/memory.failcnt", "12\n")
            .Set(Layouts.V1Memory + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
            .Set(Layouts.V1Pids + "/pids.current", "3\n").Set(Layouts.V1Pids + "/pids.events", "max 4\n");
        Cgroup group = fake.Take("g");
        Assert.Equal(
            new CgroupUsage
            {
                CpuTime = TimeSpan.FromSeconds(1.5), Periods = 28, ThrottledPeriods = 27, ThrottledTime = TimeSpan.FromSeconds(2.25),
                MemoryBytes = 4096, MemoryPeakBytes = 8192, MemoryLimitHits = 12, OomKills = 1, Processes = 3, ForksRefused = 4,
            },
            group.Usage);
        Assert.Equal(1, group.OomKills);
        Assert.Null(group.Pressure);
    }

    [Fact]
    public void Pressure_is_read_from_version_2_without_a_controller()
    {
        using FakeHost fake = Layouts.Mixed();
        const string Text = "some avg10=1.50 avg60=0.20 avg300=0.03 total=1234567\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
        fake.Set(Layouts.MixedV2 + "/cpu.pressure", "some avg10=100.00 avg60=0.20 avg300=0.03 total=5\n")
            .Set(Layouts.MixedV2 + "/memory.pressure", Text).Set(Layouts.MixedV2 + "/io.pressure", Text);
        CgroupPressure pressure = fake.Take("g").Pressure!;
        Assert.Equal(new PressureLine(1.5, 0.2, 0.03, TimeSpan.FromMicroseconds(1234567)), pressure.Memory.Some);
        Assert.Equal(100, pressure.Cpu.Some!.Average10);
        Assert.Null(pressure.Cpu.Full);
    }

    [Fact]
    public void A_counter_that_is_not_understood_names_its_file()
    {
        using FakeHost fake = Layouts.Older();
        fake.Set(Layouts.V1Cpu + "/cpu.stat", "nr_periods many\n");
        CgroupException problem = Assert.Throws<CgroupException>(() => fake.Take("g").Usage);
        Assert.Equal($"read {fake.At(Layouts.V1Cpu + "/cpu.stat")}: not understood: \"nr_periods many\\x0a\"", problem.Message);
    }
}

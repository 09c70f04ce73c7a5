using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Host;

/// <summary>Limits on real processes: each is met, is counted, and is not taken for another.</summary>
public sealed class LimitTests
{
    private const string Busy = "while :; do :; done";

    [Fact]
    public void A_fifth_of_a_core_is_what_a_busy_loop_gets()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Cpu, CgroupAbility.CpuTime);
        using Cgroup group = host.Create(RealHost.NewName(), new Quota { CpuPercent = 20 });
        group.Run(Busy);
        RealHost.Until(() => group.Usage.ThrottledPeriods >= 10, "ten throttled periods");
        CgroupUsage usage = group.Usage;

        // 20 ms a period; the scheduler hands time out in slices of 5 ms, so each period may end with one too many, and the counters are read one after the other.
        Assert.InRange(usage.CpuTime!.Value.TotalMilliseconds, 5, (usage.Periods!.Value + 3) * 25);
        Assert.True(usage.ThrottledTime > TimeSpan.Zero);
        Assert.Equal((0, 0), (usage.OomKills ?? 0, usage.ForksRefused ?? 0));
    }

    [Fact]
    public void Without_a_limit_nobody_is_throttled()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Cpu, CgroupAbility.CpuTime);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        group.Run(Busy);
        RealHost.Until(() => group.Usage.CpuTime > TimeSpan.FromMilliseconds(300), "300 ms of work");
        Assert.Equal((0L, 0L), (group.Usage.ThrottledPeriods, group.Usage.Periods));
    }

    [Fact]
    public void A_limit_on_time_can_be_set_and_taken_back_while_running()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Cpu, CgroupAbility.CpuTime);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        group.Run(Busy);
        RealHost.Until(() => group.Usage.CpuTime > TimeSpan.FromMilliseconds(100), "100 ms of work");
        group.Change(new Quota { CpuPercent = 10 });
        RealHost.Until(() => group.Usage.ThrottledPeriods >= 3, "three throttled periods");
        group.Change(Quota.None);
        CgroupUsage free = group.Usage;
        RealHost.Until(() => group.Usage.CpuTime > free.CpuTime + TimeSpan.FromMilliseconds(300), "300 ms of work without a limit");
        Assert.InRange(group.Usage.Periods!.Value - free.Periods!.Value, 0, 1);
    }

    [Fact]
    public void More_memory_than_allowed_kills_and_is_counted_as_that()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Memory);
        using Cgroup group = host.Create(RealHost.NewName(), new Quota { MemoryBytes = 64 << 20 });

        // tail keeps a line until it ends, and this one never does.
        ExitStatus end = group.Run("exec tail /dev/zero").WaitForExit();
        Assert.Equal(9, end.Signal);
        Assert.Equal(1, group.OomKills);
        CgroupUsage usage = group.Usage;
        Assert.InRange(usage.MemoryPeakBytes ?? 32 << 20, 32 << 20, 64 << 20);
        Assert.True(usage.MemoryLimitHits > 0);
        Assert.Equal(0, usage.ForksRefused ?? 0);
    }

    [Fact]
    public void A_kill_by_somebody_else_is_not_counted_as_memory()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Memory);
        using Cgroup group = host.Create(RealHost.NewName(), new Quota { MemoryBytes = 64 << 20 });
        Assert.Equal(9, group.Run("kill -9 $$").WaitForExit().Signal);
        Assert.Equal(0, group.OomKills);
    }

    [Fact]
    public void Less_memory_than_is_in_use_is_refused_by_version_1_and_kills_in_version_2()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Memory);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        ChildProcess child = group.Run("exec dd if=/dev/zero of=/dev/null bs=64M");
        RealHost.Until(() => group.Usage.MemoryBytes > 60 << 20, "64 MiB in use");
        if (host[CgroupAbility.Memory].Version == CgroupVersion.V2)
        {
            group.Change(new Quota { MemoryBytes = 8 << 20 });
            Assert.Equal(9, child.WaitForExit().Signal);
            Assert.Equal(1, group.OomKills);
        }
        else
        {
            CgroupException refusal = Assert.Throws<CgroupException>(() => group.Change(new Quota { MemoryBytes = 8 << 20 }));
            Assert.Equal(Errno.EBUSY, refusal.Error);
            Assert.EndsWith("memory.limit_in_bytes", refusal.File, StringComparison.Ordinal);
            Assert.Contains("end some of its processes first", refusal.WayOut, StringComparison.Ordinal);
            Assert.Equal(Quota.None, group.Quota);
        }
    }

    [Fact]
    public void More_processes_than_allowed_are_refused_and_counted()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Processes);
        using Cgroup group = host.Create(RealHost.NewName(), new Quota { Processes = 5 });
        ChildProcess child = group.Run("for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; wait");
        Assert.NotEqual(0, child.WaitForExit().Code);
        CgroupUsage usage = group.Usage;
        Assert.Equal((4, 1), (usage.Processes, usage.ForksRefused));
        Assert.Equal(0, usage.OomKills ?? 0);
        group.Change(new Quota { Processes = 50 });
        Assert.Equal(0, group.Run("for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; :").WaitForExit().Code);
        Assert.Equal((12, 1), (group.Usage.Processes, group.Usage.ForksRefused));
    }

    [Fact]
    public void A_descriptor_puts_a_child_in_before_its_program_starts()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Kill);
        string name = RealHost.NewName();
        using Cgroup group = host.Create(name, Quota.None);
        string groups = Path.GetTempFileName();
        Assert.Equal(0, group.Run($"cat /proc/self/cgroup > '{groups}'").WaitForExit().Code);
        string[] lines = File.ReadAllLines(groups);
        File.Delete(groups);
        IReadOnlyList<FileDescriptor> opened = group.OpenProcs();
        Assert.Equal(opened.Count, lines.Count(line => line.EndsWith("/claw/" + name, StringComparison.Ordinal)));
        foreach (FileDescriptor descriptor in opened)
            descriptor.Dispose();
    }

    [Fact]
    public void An_ended_process_cannot_be_added()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Kill);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/true" });
        child.WaitForExit();
        CgroupException refusal = Assert.Throws<CgroupException>(() => group.Add(child.Id));
        Assert.Equal(Errno.ESRCH, refusal.Error);
        Assert.EndsWith("no such process (ESRCH); the process has ended", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pressure_is_told_where_the_kernel_counts_it()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Pressure);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        for (int i = 0; i < Environment.ProcessorCount + 1; i++)
            group.Run(Busy);

        // More busy loops than processors: some of them wait.
        RealHost.Until(() => (group.Pressure ?? throw new InvalidOperationException("no pressure files")).Cpu.Some!.Total > TimeSpan.FromMilliseconds(20), "20 ms of waiting for a processor");
    }
}

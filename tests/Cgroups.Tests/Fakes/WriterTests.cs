using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Fakes;

/// <summary>What each version writes, by the files: the tables of docs/cgroups.md.</summary>
public sealed class WriterTests
{
    private static readonly Quota All = new() { CpuPercent = 150, MemoryBytes = 64 << 20, Processes = 5 };

    [Fact]
    public void Version_2_writes_each_limit_to_its_file()
    {
        using FakeHost fake = Layouts.Unified();
        fake.Take("g").Change(All with { IoWeight = 300 });
        Assert.Equal("150000 100000", fake.Text(Layouts.V2 + "/cpu.max"));
        Assert.Equal("67108864", fake.Text(Layouts.V2 + "/memory.max"));
        Assert.Equal("0", fake.Text(Layouts.V2 + "/memory.swap.max"));
        Assert.Equal("5", fake.Text(Layouts.V2 + "/pids.max"));
        Assert.Equal("default 300", fake.Text(Layouts.V2 + "/io.weight"));
    }

    [Fact]
    public void Version_2_takes_limits_back()
    {
        using FakeHost fake = Layouts.Unified();
        Cgroup group = fake.Take("g");
        string[] files = ["cpu.max", "memory.max", "memory.swap.max", "pids.max", "io.weight"];
        group.Change(All with { IoWeight = 300 });
        foreach (string file in files)
            fake.Written($"{Layouts.V2}/{file}");
        group.Change(Quota.None);
        Assert.Equal(["max 100000", "max", "max", "max", "default 100"], files.Select(file => fake.Text($"{Layouts.V2}/{file}")));
        Assert.Equal(Quota.None, group.Quota);
    }

    [Fact]
    public void Version_2_uses_the_weight_of_bfq_where_only_that_is_there()
    {
        using FakeHost fake = Layouts.Unified();
        File.Delete(fake.At(Layouts.V2 + "/io.weight"));
        fake.Sets(Layouts.V2, "io.bfq.weight");
        fake.Take("g").Change(new Quota { IoWeight = 5000 });
        Assert.Equal("1000", fake.Text(Layouts.V2 + "/io.bfq.weight"));
    }

    [Fact]
    public void Version_1_writes_each_limit_to_its_file()
    {
        using FakeHost fake = Layouts.Older();
        fake.Take("g").Change(All);
        Assert.Equal("100000", fake.Text(Layouts.V1Cpu + "/cpu.cfs_period_us"));
        Assert.Equal("150000", fake.Text(Layouts.V1Cpu + "/cpu.cfs_quota_us"));
        Assert.Equal("67108864", fake.Text(Layouts.V1Memory + "/memory.limit_in_bytes"));
        Assert.Equal("0", fake.Text(Layouts.V1Memory + "/memory.swappiness"));
        Assert.Equal("5", fake.Text(Layouts.V1Pids + "/pids.max"));
    }

    [Fact]
    public void Version_1_takes_limits_back()
    {
        using FakeHost fake = Layouts.Older();
        Cgroup group = fake.Take("g");
        group.Change(All);
        string[] files = [Layouts.V1Cpu + "/cpu.cfs_quota_us", Layouts.V1Memory + "/memory.limit_in_bytes", Layouts.V1Pids + "/pids.max"];
        foreach (string file in files)
            fake.Written(file);
        group.Change(Quota.None);
        Assert.Equal(["-1", "-1", "max"], files.Select(fake.Text));
    }

    [Fact]
    public void A_limit_that_stays_the_same_is_not_written_again()
    {
        using FakeHost fake = Layouts.Unified();
        Cgroup group = fake.Take("g");
        group.Change(All);
        fake.Written(Layouts.V2 + "/cpu.max");
        group.Change(All with { Processes = 6 });
        Assert.Equal("", fake.Text(Layouts.V2 + "/cpu.max"));
        Assert.Equal("6", fake.Text(Layouts.V2 + "/pids.max"));
    }

    [Fact]
    public void A_limit_that_the_host_lacks_is_refused_before_anything_is_written()
    {
        using FakeHost fake = Layouts.Mixed();
        Cgroup group = fake.Take("g");
        CgroupException refusal = Assert.Throws<CgroupException>(() => group.Change(All));
        Assert.StartsWith("limit cpu 150 %: version 2 has no cpu controller", Assert.Throws<CgroupException>(() => group.Change(new Quota { CpuPercent = 150 })).Message, StringComparison.Ordinal);
        Assert.Equal("", refusal.File);
        Assert.Equal("", fake.Text(Layouts.V1Memory + "/memory.limit_in_bytes"));
    }

    [Fact]
    public void After_a_refusal_the_quota_says_what_is_in_force()
    {
        using FakeHost fake = Layouts.Unified();
        Cgroup group = fake.Take("g");
        File.Delete(fake.At(Layouts.V2 + "/pids.max"));
        CgroupException refusal = Assert.Throws<CgroupException>(() => group.Change(All));
        Assert.Equal(fake.At(Layouts.V2 + "/pids.max"), refusal.File);
        Assert.Equal(Errno.ENOENT, refusal.Error);
        Assert.EndsWith("no such file or directory (ENOENT); this kernel has no such limit, or the parent does not hand its controller on", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(new Quota { MemoryBytes = All.MemoryBytes }, group.Quota);
    }

    [Fact]
    public void A_kernel_without_swap_accounting_still_gets_its_memory_limit()
    {
        using FakeHost fake = Layouts.Unified();
        File.Delete(fake.At(Layouts.V2 + "/memory.swap.max"));
        fake.Take("g").Change(All);
        Assert.Equal("67108864", fake.Text(Layouts.V2 + "/memory.max"));
    }

    [Theory]
    [InlineData("cpu memory pids", "+io")]
    [InlineData("cpu io pids", "+memory")]
    [InlineData("cpu io memory pids", "")]
    public void The_parents_hand_on_what_is_missing(string already, string written)
    {
        using FakeHost fake = Layouts.Unified();
        fake.Set("/sys/fs/cgroup/cgroup.subtree_control", already);
        using Cgroup group = fake.Detect().Create("made", Quota.None);
        string text = fake.Text("/sys/fs/cgroup/cgroup.subtree_control");
        Assert.Equal(written.Length == 0 ? already : written + already[written.Length..], text);
        Assert.True(Directory.Exists(fake.At("/sys/fs/cgroup/claw/made")));
    }

    [Fact]
    public void A_process_goes_into_every_hierarchy()
    {
        using FakeHost fake = Layouts.Older();
        fake.Take("g").Add(4711);
        Assert.All([Layouts.V1Cpu, Layouts.V1Memory, Layouts.V1Pids, Layouts.V1Freezer], folder => Assert.Equal("4711", fake.Text(folder + "/cgroup.procs")));
    }

    [Fact]
    public void A_removed_group_is_gone_from_every_hierarchy_and_its_name_is_free()
    {
        using FakeHost fake = Layouts.Mixed();
        CgroupHost host = fake.Detect();
        Cgroup group = host.Create("made", Quota.None);
        Assert.Throws<CgroupException>(() => host.Create("made", Quota.None));
        group.Remove();
        Assert.False(Directory.Exists(fake.At("/sys/fs/cgroup/unified/claw/made")));
        Assert.False(Directory.Exists(fake.At("/sys/fs/cgroup/memory/claw/made")));
        host.Create("made", Quota.None).Remove();
    }
}

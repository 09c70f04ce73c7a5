namespace ClawOS.Security.Cgroups.Tests.Fakes;

public sealed class DetectionTests
{
    [Fact]
    public void With_version_2_alone_everything_is_done_by_the_group_that_offers_most()
    {
        using FakeHost fake = Layouts.Unified();
        CgroupHost host = fake.Detect();
        Assert.Equal(Enum.GetValues<CgroupAbility>(), host.Abilities.Select(static state => state.Ability));
        Assert.All(host.Abilities, state => Assert.Equal((CgroupVersion.V2, fake.At("/sys/fs/cgroup/claw")), (state.Version, state.Folder)));
    }

    [Fact]
    public void Of_two_groups_that_offer_the_same_the_lower_is_taken()
    {
        using FakeHost fake = new FakeHost()
            .Mount("/cg", "", "/user/app/shell")
            .Group("/cg", "cpu memory pids", isRoot: true)
            .Group("/cg/user", "cpu memory pids")
            .Group("/cg/user/app", "memory")
            .Group("/cg/user/app/shell", "", procs: "7\n");
        Assert.Equal(fake.At("/cg/user/claw"), fake.Detect()[CgroupAbility.Cpu].Folder);
    }

    [Fact]
    public void A_group_with_processes_in_it_cannot_hand_on_and_that_is_said()
    {
        using FakeHost fake = new FakeHost().Mount("/cg", "", "/").Group("/cg", "cpu memory pids", procs: "1\n");
        AbilityState cpu = fake.Detect()[CgroupAbility.Cpu];
        Assert.False(cpu.IsAvailable);
        Assert.Contains("has processes in it", cpu.Reason, StringComparison.Ordinal);
        Assert.Contains("DelegateSubgroup=", cpu.WayOut, StringComparison.Ordinal);
    }

    [Fact]
    public void The_root_of_version_2_may_have_processes()
    {
        using FakeHost fake = new FakeHost().Mount("/cg", "", "/").Group("/cg", "cpu", procs: "1\n", isRoot: true);
        Assert.Equal(CgroupVersion.V2, fake.Detect()[CgroupAbility.Cpu].Version);
    }

    [Fact]
    public void With_version_1_alone_each_controller_is_below_the_own_group()
    {
        using FakeHost fake = Layouts.Older();
        CgroupHost host = fake.Detect();
        Assert.Equal(
            [
                (CgroupAbility.Cpu, "cpu,cpuacct/box"), (CgroupAbility.Memory, "memory"), (CgroupAbility.Processes, "pids"),
                (CgroupAbility.CpuTime, "cpu,cpuacct/box"), (CgroupAbility.Freeze, "freezer"), (CgroupAbility.Kill, "freezer"),
            ],
            host.Abilities.Where(static state => state.IsAvailable).Select(state => (state.Ability, Path.GetRelativePath(fake.At("/sys/fs/cgroup"), Path.GetDirectoryName(state.Folder)!))));
        Assert.Equal("no hierarchy has the io controller", host[CgroupAbility.IoWeight].Reason);
        Assert.Equal("version 2 is not mounted", host[CgroupAbility.Pressure].Reason);
    }

    [Fact]
    public void On_a_mixed_host_version_1_limits_and_version_2_does_the_rest()
    {
        using FakeHost fake = Layouts.Mixed();
        CgroupHost host = fake.Detect();
        Assert.Equal(CgroupVersion.V1, host[CgroupAbility.Memory].Version);
        Assert.All([CgroupAbility.Freeze, CgroupAbility.Kill, CgroupAbility.Pressure, CgroupAbility.CpuTime], ability => Assert.Equal(CgroupVersion.V2, host[ability].Version));
        Assert.Equal("version 2 has no cpu controller, and version 1 has none either", host[CgroupAbility.Cpu].Reason);
    }

    [Fact]
    public void An_old_kernel_freezes_and_kills_by_version_1()
    {
        using FakeHost fake = Layouts.Mixed();
        CgroupHost host = fake.Detect(new Version(5, 1));
        Assert.Equal(fake.At("/sys/fs/cgroup/freezer/claw"), host[CgroupAbility.Freeze].Folder);
        Assert.Equal(fake.At("/sys/fs/cgroup/freezer/claw"), host[CgroupAbility.Kill].Folder);
    }

    [Fact]
    public void A_controller_that_a_group_above_keeps_is_said_to_be_kept()
    {
        // Only the lower groups belong to this user; a folder without its files stands for what cannot be written.
        using FakeHost fake = new FakeHost()
            .Mount("/cg", "", "/user/shell")
            .Set("/cg/cgroup.controllers", "cpu memory pids\n")
            .Group("/cg/user", "memory pids")
            .Group("/cg/user/shell", "", procs: "7\n");
        AbilityState cpu = fake.Detect()[CgroupAbility.Cpu];
        Assert.Equal($"cpu: not handed on to {fake.At("/cg/user")}", cpu.Reason);
        Assert.Contains("Delegate=cpu", cpu.WayOut, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_without_control_groups_says_so_and_refuses_to_make_one()
    {
        using FakeHost fake = new();
        CgroupHost host = fake.Detect();
        Assert.All(host.Abilities, static state => Assert.False(state.IsAvailable));
        Assert.Equal("no control groups are mounted", host[CgroupAbility.Memory].Reason);
        Assert.Empty(host.Sweep());
        CgroupException refusal = Assert.Throws<CgroupException>(() => host.Create("a", Quota.None));
        Assert.Equal("make the group a: no control groups are mounted; mount -t cgroup2 none /sys/fs/cgroup", refusal.Message);
    }

    [Theory]
    [InlineData("/docker/abc", "/docker/abc", "")]
    [InlineData("/docker/abc/inner", "/docker/abc", "/inner")]
    [InlineData("/elsewhere", "/docker/abc", "")]
    [InlineData("/../outside", "/", "")]
    [InlineData("/gone", "/", "")]
    [InlineData("/docker/abcdef", "/docker/abc", "")]
    public void The_own_group_is_found_where_the_mount_begins_inside_the_hierarchy(string own, string bound, string expected)
    {
        using FakeHost fake = new FakeHost().Mount("/cg", "memory", own, bound).Sets("/cg/inner", "cgroup.procs").Sets("/cgoutside", "cgroup.procs");
        Assert.Equal(fake.At("/cg" + expected) + "/claw", fake.Detect()[CgroupAbility.Memory].Folder);
    }

    [Fact]
    public void A_mount_point_with_a_space_is_found()
    {
        using FakeHost fake = new FakeHost().Mount("/control\\040groups", "pids", "/").Sets("/control groups", "cgroup.procs");
        Assert.Equal(fake.At("/control groups/claw"), fake.Detect()[CgroupAbility.Processes].Folder);
    }
}

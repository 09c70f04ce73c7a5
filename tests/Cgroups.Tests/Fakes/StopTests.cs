using System.Globalization;
using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Fakes;

public sealed class StopTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(50);

    [Fact]
    public void Version_2_freezes_and_waits_for_the_kernel_to_say_so()
    {
        using FakeHost fake = Layouts.Unified();
        fake.Set(Layouts.V2 + "/cgroup.events", "populated 1\nfrozen 1\n");
        Cgroup group = fake.Take("g");
        group.Freeze();
        Assert.Equal("1", fake.Written(Layouts.V2 + "/cgroup.freeze"));
        group.Thaw();
        Assert.Equal("0", fake.Text(Layouts.V2 + "/cgroup.freeze"));
    }

    [Fact]
    public void Version_2_lets_all_go_on_when_some_process_does_not_stop()
    {
        using FakeHost fake = Layouts.Unified();
        fake.Set(Layouts.V2 + "/cgroup.events", "populated 1\nfrozen 0\n");
        CgroupException late = Assert.Throws<CgroupException>(() => fake.Take("g").Freeze(Short));
        Assert.Equal((Errno.ETIMEDOUT, fake.At(Layouts.V2 + "/cgroup.events")), (late.Error, late.File));
        Assert.Equal("0", fake.Text(Layouts.V2 + "/cgroup.freeze"));
    }

    [Fact]
    public void Version_1_freezes_by_its_state()
    {
        using FakeHost fake = Layouts.Older();
        Cgroup group = fake.Take("g");
        group.Freeze();
        Assert.Equal("FROZEN", fake.Text(Layouts.V1Freezer + "/freezer.state"));
        group.Thaw();
        Assert.Equal("THAWED", fake.Text(Layouts.V1Freezer + "/freezer.state"));
    }

    [Fact]
    public void Version_1_lets_all_go_on_when_some_process_does_not_stop()
    {
        using FakeHost fake = Layouts.Older();
        // Longer than what is written over its start, so it never reads as the word that is waited for.
        fake.Set(Layouts.V1Freezer + "/freezer.state", "FREEZING");
        CgroupException late = Assert.Throws<CgroupException>(() => fake.Take("g").Freeze(Short));
        Assert.Equal(Errno.ETIMEDOUT, late.Error);
        Assert.StartsWith("THAWED", fake.Text(Layouts.V1Freezer + "/freezer.state"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_cannot_freeze_says_why()
    {
        using FakeHost fake = Layouts.Older(freezer: false);
        Assert.Equal("freeze: version 2 is not mounted, nor version 1's freezer; mount -t cgroup2 none /sys/fs/cgroup/unified", Assert.Throws<CgroupException>(() => fake.Take("g").Freeze()).Message);
    }

    [Fact]
    public void Version_2_kills_by_its_file_and_says_who_is_left()
    {
        using FakeHost fake = Layouts.Unified();
        ChildProcess child = ChildProcess.Start(new SpawnPlan { Program = "/bin/sleep", Arguments = ["1000"] });
        fake.Set(Layouts.V2 + "/cgroup.procs", child.Id.ToString(CultureInfo.InvariantCulture) + "\n0\n");
        CgroupException late = Assert.Throws<CgroupException>(() => fake.Take("g").Kill(Short));
        Assert.Equal("1", fake.Text(Layouts.V2 + "/cgroup.kill"));
        Assert.Equal(9, child.WaitForExit().Signal);
        Assert.Contains($"2 are left after 0.05 s (0, {child.Id})", late.Message, StringComparison.Ordinal);
        Assert.Contains("another pid namespace", late.WayOut, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_kills_the_group_that_the_caller_is_in()
    {
        using FakeHost fake = Layouts.Unified();
        fake.Set(Layouts.V2 + "/cgroup.procs", $"{Environment.ProcessId}\n");
        CgroupException refusal = Assert.Throws<CgroupException>(() => fake.Take("g").Kill());
        Assert.Equal(Errno.EBUSY, refusal.Error);
        Assert.Equal("", fake.Text(Layouts.V2 + "/cgroup.kill"));
    }
}

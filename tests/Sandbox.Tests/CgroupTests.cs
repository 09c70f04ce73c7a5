using ClawOS.Security.Cgroups;
using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>A command in the control group that enforces the limits of its policy.</summary>
public sealed class CgroupTests
{
    [Fact]
    public void A_command_enters_the_group_of_its_limits_and_sees_it_as_the_root()
    {
        using SandboxGroup made = Group();
        using Box box = new() { Limits = Limits, Group = made };
        SandboxPlan plan = box.Plan("cat", "/proc/self/cgroup");
        Assert.DoesNotContain(plan.Missing, line => line.StartsWith("limits", StringComparison.Ordinal));
        Assert.Matches(@":memory:/\n|^0::/\n", box.Run(plan).Must() + "\n");
    }

    [Fact]
    public void A_command_that_takes_too_much_memory_is_told_from_one_that_was_killed()
    {
        using SandboxGroup made = Group();
        using Box box = new() { Limits = Limits, Group = made, Watch = new SandboxWatch { OomKills = () => made.OomKills } };
        SandboxResult result = box.Run("/usr/bin/python3", "-IS", "-c", "x = bytearray(200 << 20)").Result;
        Assert.Equal((SandboxEnd.OutOfMemory, 137), (result.Reason, result.ShellCode));
        Assert.Equal(SandboxEnd.Signalled, box.Run("sh", "-c", "kill -KILL $$").Result.Reason);
    }

    [Fact]
    public void Processes_of_root_are_counted_by_the_group()
    {
        using SandboxGroup made = Group();
        using Box box = new() { Limits = Limits, Group = made };
        Assert.Equal("EAGAIN", Attempt.In(box, "for i in range(100):\n    if os.fork() == 0:\n        time.sleep(60)"));
    }

    private static Limits Limits => new(MemoryBytes: 48 << 20, Processes: 20);

    private static SandboxGroup Group()
    {
        CgroupHost host = CgroupHost.Detect();
        foreach (CgroupAbility ability in (CgroupAbility[])[CgroupAbility.Memory, CgroupAbility.Processes])
        {
            if (!host[ability].IsAvailable)
                Assert.Skip($"needs control groups: {host[ability]}");
        }

        return SandboxGroup.Make(Limits);
    }
}

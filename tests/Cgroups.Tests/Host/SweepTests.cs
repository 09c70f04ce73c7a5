using System.Globalization;
using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Host;

public sealed class SweepTests
{
    [Fact]
    public void The_group_of_a_killed_owner_is_ended_and_removed_and_that_of_a_living_one_is_not()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Kill);
        string name = RealHost.NewName();
        using Probe owner = Probe.Start("owner", name);
        using RunningProcess inside = RunningProcess.TryOpen(int.Parse(owner.ReadLine()!, CultureInfo.InvariantCulture))!;
        Assert.DoesNotContain(host.Sweep(), swept => swept.Name == name);
        Assert.False(inside.WaitForExit(TimeSpan.Zero));

        owner.Kill();

        // Another process of this machine may sweep at the same time and be first.
        Assert.All(host.Sweep().Where(swept => swept.Name == name), static swept => Assert.Null(swept.Problem));
        RealHost.Until(() => !StopTests.Folders(host, name).Any(Directory.Exists), "removed");
        Assert.True(inside.WaitForExit(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void The_name_of_a_dead_owner_can_be_used_again_and_that_of_a_living_one_not()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Kill);
        string name = RealHost.NewName();
        using Probe owner = Probe.Start("owner", name);
        using RunningProcess inside = RunningProcess.TryOpen(int.Parse(owner.ReadLine()!, CultureInfo.InvariantCulture))!;
        CgroupException refusal = Assert.Throws<CgroupException>(() => host.Create(name, Quota.None));
        Assert.Equal(Errno.EEXIST, refusal.Error);

        owner.Kill();
        using Cgroup group = host.Create(name, Quota.None);
        Assert.True(inside.WaitForExit(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_group_with_a_part_of_its_folders_is_removed()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Kill);
        host.Create(RealHost.NewName(), Quota.None).Dispose();
        string name = RealHost.NewName();
        string[] folders = [.. StopTests.Folders(host, name)];
        Directory.CreateDirectory(folders[^1]);
        host.Sweep();
        Assert.DoesNotContain(folders, Directory.Exists);
    }
}

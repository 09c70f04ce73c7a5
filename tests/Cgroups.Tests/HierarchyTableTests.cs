using ClawOS.Security.Cgroups.Detection;

namespace ClawOS.Security.Cgroups.Tests;

public sealed class HierarchyTableTests
{
    private static readonly Dictionary<string, string> Own = HierarchyTable.Memberships(["4:cpu,cpuacct:/a:b", "2:name=systemd:/s", "0::/u", "nonsense", "", "::"]);

    [Fact]
    public void A_path_in_the_memberships_may_hold_colons()
    {
        Assert.Equal("/a:b", Own["cpu,cpuacct"]);
        Assert.Equal("/s", Own["name=systemd"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" - ")]
    [InlineData("36 35 0:30 / /mnt rw - ext4 /dev/sda1 rw,cpu,cpuacct")]
    [InlineData("36 35 0:30 / /mnt rw - cgroup cgroup rw,name=systemd")]
    [InlineData("36 35 0:30 / /mnt rw - cgroup cgroup rw,cpu")]
    [InlineData("36 35 0:30 / /mnt rw - cgroup")]
    [InlineData("36 35 0:30 / /mnt rw cgroup cgroup rw,cpu,cpuacct")]
    public void Lines_that_mount_no_controller_of_this_process_are_passed_over(string line) => Assert.Null(HierarchyTable.Parse(line, Own, "/"));

    [Fact]
    public void A_hierarchy_is_known_by_all_its_controllers()
    {
        Hierarchy hierarchy = HierarchyTable.Parse("36 35 0:30 / /no/such/mount rw shared:1 - cgroup cgroup rw,cpuacct,cpu", Own, "/")!;
        Assert.Equal((CgroupVersion.V1, "/no/such/mount", "/no/such/mount"), (hierarchy.Version, hierarchy.MountPoint, hierarchy.Own));
        Assert.Equal(["cpu", "cpuacct"], hierarchy.Controllers);
    }

    [Theory]
    [InlineData("6.1.0-30-amd64", "6.1")]
    [InlineData("5.14\n", "5.14")]
    [InlineData("6.18.44.669", "6.18")]
    [InlineData("", "0.0")]
    [InlineData("six.one", "0.0")]
    [InlineData("6", "0.0")]
    [InlineData("6.99999999999", "0.0")]
    public void The_version_of_a_kernel_is_read_or_taken_for_an_old_one(string release, string version) => Assert.Equal(Version.Parse(version), HostLayout.ParseKernelVersion(release));
}

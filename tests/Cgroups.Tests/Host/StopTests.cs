using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Tests.Host;

/// <summary>Stopping and ending real processes, by the newest means of this host and by those of an old kernel.</summary>
public sealed class StopTests
{
    /// <summary>Counts, and writes the count down.</summary>
    private const string Counting = "i=0; while :; do i=$((i+1)); echo $i > \"$COUNT\"; done";

    /// <summary>Every process makes others as long as it may.</summary>
    private const string Spreading = "f() { while :; do f & sleep 0.01; done; }; f";

    public static TheoryData<bool> Kernels => [false, true];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Frozen_processes_stand_still_and_thawed_ones_go_on(bool old)
    {
        CgroupHost host = RealHost.Need(old ? RealHost.OldKernel : null, CgroupAbility.Freeze, CgroupAbility.CpuTime);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        string count = Path.GetTempFileName();
        group.Run($"COUNT='{count}'; {Counting}");
        RealHost.Until(() => new FileInfo(count).Length > 0, "a first count");

        group.Freeze();
        (string, TimeSpan?) frozen = (File.ReadAllText(count), group.Usage.CpuTime);
        Thread.Sleep(200); // Time in which it would count on: a slow machine makes the test weaker, never wrong.
        Assert.Equal(frozen, (File.ReadAllText(count), group.Usage.CpuTime));

        group.Thaw();
        RealHost.Until(() => File.ReadAllText(count) is { Length: > 0 } now && now != frozen.Item1, "a further count");
        group.Kill();
        File.Delete(count);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_tree_that_keeps_forking_is_ended(bool old)
    {
        CgroupHost host = RealHost.Need(old ? RealHost.OldKernel : null, CgroupAbility.Kill, CgroupAbility.Processes);
        string name = RealHost.NewName();
        using Cgroup group = host.Create(name, new Quota { Processes = 60 });
        ChildProcess first = group.Run(Spreading);
        RealHost.Until(() => group.Usage.Processes > 30, "thirty processes");
        group.Kill();

        // Not by the count of processes, which holds those that have ended until somebody waits for them.
        Assert.All(Folders(host, name).Where(Directory.Exists), static folder => Assert.Equal("", File.ReadAllText(Path.Combine(folder, "cgroup.procs"))));
        Assert.True(first.WaitForExit() is { Signal: 9 } or { Code: 2 }); // 2: the shell's end when fork is refused.
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Frozen_processes_are_ended_too(bool old)
    {
        CgroupHost host = RealHost.Need(old ? RealHost.OldKernel : null, CgroupAbility.Kill, CgroupAbility.Freeze);
        using Cgroup group = host.Create(RealHost.NewName(), Quota.None);
        ChildProcess child = group.Run("exec sleep 1000");
        group.Freeze();
        group.Kill();
        Assert.Equal(9, child.WaitForExit().Signal);
        Assert.Equal(0, group.Run("exit 0").WaitForExit().Code); // The next one runs.
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Disposing_ends_the_processes_and_leaves_no_folder(bool old)
    {
        CgroupHost host = RealHost.Need(old ? RealHost.OldKernel : null, CgroupAbility.Kill);
        string name = RealHost.NewName();
        Cgroup group = host.Create(name, Quota.None);
        ChildProcess child = group.Run("sleep 1000 & sleep 1000 & wait");
        group.Dispose();
        Assert.Equal(9, child.WaitForExit().Signal);
        Assert.DoesNotContain(Folders(host, name), Directory.Exists);
    }

    [Fact]
    public void Groups_that_processes_made_below_are_ended_and_removed_with_it()
    {
        CgroupHost host = RealHost.Need(CgroupAbility.Kill);
        string name = RealHost.NewName();
        using Cgroup group = host.Create(name, Quota.None);
        string inner = Path.Combine(host[CgroupAbility.Kill].Folder!, name, "inner");
        ChildProcess child = group.Run($"mkdir -p '{inner}/deeper' && echo $$ > '{inner}/deeper/cgroup.procs' && exec sleep 1000");
        RealHost.Until(() => File.Exists(Path.Combine(inner, "deeper/cgroup.procs")) && File.ReadAllText(Path.Combine(inner, "deeper/cgroup.procs")).Length > 0, "a process below");
        group.Remove();
        Assert.Equal(9, child.WaitForExit().Signal);
        Assert.False(Directory.Exists(inner));
    }

    internal static IEnumerable<string> Folders(CgroupHost host, string name) =>
        host.Abilities.Select(static state => state.Folder).OfType<string>().Distinct().Select(folder => Path.Combine(folder, name));
}

using ClawFS.Linux;
using ClawOS.Security.Sandbox;

namespace Sandbox.Tests;

/// <summary>A step that fails is told by its name and errno, and the command does not run.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void A_program_that_the_view_does_not_have() =>
        Refused(LaunchStep.Execute, Errno.ENOENT, 0, plan => With(plan, programs: ["/no/such", "/usr/bin/neither"]));

    [Fact]
    public void A_program_that_is_no_program() =>
        Refused(LaunchStep.Execute, Errno.EACCES, 0, plan => With(plan, programs: ["/usr/share"]));

    [Fact]
    public void A_source_that_is_not_there()
    {
        using Box box = new();
        int last = box.Plan("true").View.Count + 1;
        Refused(LaunchStep.OpenSource, Errno.ENOENT, last, plan => With(plan, view: [.. plan.View, ViewItem.Folder("/extra"), ViewItem.Bind("/no/such", "/extra", MountRestrictions.ReadOnly)]));
    }

    [Fact]
    public void A_source_behind_a_symbolic_link()
    {
        using Box box = new();
        string link = Path.Combine(box.Workspace, "link");
        File.CreateSymbolicLink(link, "/etc");
        SandboxPlan plan = box.Plan("true");
        SandboxResult result = box.Run(With(plan, view: [.. plan.View, ViewItem.Folder("/extra"), ViewItem.Bind(link, "/extra", MountRestrictions.ReadOnly)])).Result;
        Assert.Equal((SandboxEnd.Refused, LaunchStep.OpenSource, Errno.ELOOP), (result.Reason, result.Step, result.Error));
    }

    [Fact]
    public void A_target_behind_a_link_that_an_earlier_command_left()
    {
        using Box box = new();
        File.CreateSymbolicLink(Path.Combine(box.Workspace, "link"), "/tmp");
        SandboxPlan plan = box.Plan("true");
        foreach (ViewItem item in (ViewItem[])[ViewItem.Folder($"{box.Workspace}/link/x"), ViewItem.Tmpfs($"{box.Workspace}/link", 4096), ViewItem.File($"{box.Workspace}/link/x")])
        {
            SandboxResult result = box.Run(With(plan, view: [.. plan.View, item])).Result;
            Assert.Equal((SandboxEnd.Refused, LaunchStep.Mount, Errno.ELOOP, plan.View.Count), (result.Reason, result.Step, result.Error, result.Item));
        }
    }

    [Fact]
    public void Nothing_where_what_is_to_be_covered_is_gone_by_then()
    {
        using Box box = new();
        string there = Directory.CreateDirectory(Path.Combine(box.Workspace, "there")).FullName;
        File.WriteAllText(Path.Combine(there, "secret"), "");
        SandboxPlan plan = box.Plan("ls", there);
        ViewItem[] covers = [ViewItem.Cover(there, 4096, MountRestrictions.NoExecute, 0x16D), ViewItem.Cover(Path.Combine(box.Workspace, "gone"), 4096, MountRestrictions.NoExecute, 0x16D)];
        Assert.Equal("", box.Run(With(plan, view: [.. plan.View, .. covers])).Must());
    }

    [Fact]
    public void A_kernel_whose_Landlock_knows_less_than_the_plan_asks() =>
        Refused(LaunchStep.MakeRuleset, Errno.EOPNOTSUPP, 0, plan => With(plan, landlock: plan.Landlock! with { Version = 99 }));

    [Fact]
    public void A_rule_for_a_path_that_the_view_does_not_have() =>
        Refused(LaunchStep.AddPathRule, Errno.ENOENT, 0, plan => With(plan, landlock: plan.Landlock! with { Paths = [new LandlockRule("/etc", FileRights.Read)] }));

    [Fact]
    public void A_filter_that_the_kernel_does_not_take() =>
        Refused(LaunchStep.LoadFilter, Errno.EINVAL, 1, plan => With(plan, filters: [plan.Filters[0], new byte[8]]));

    [Fact]
    public void A_working_folder_that_is_not_there() =>
        Refused(LaunchStep.EnterFolder, Errno.ENOENT, 0, plan => With(plan, folder: "/no/such"));

    [Fact]
    public void A_host_name_that_is_too_long() =>
        Refused(LaunchStep.SetHostName, Errno.EINVAL, 0, plan => With(plan, hostName: new string('h', 65)));

    private static void Refused(LaunchStep step, Errno error, int item, Func<SandboxPlan, SandboxPlan> change)
    {
        using Box box = new();
        SandboxResult result = box.Run(change(box.Plan("true"))).Result;
        Assert.Equal((SandboxEnd.Refused, step, error, item), (result.Reason, result.Step, result.Error, result.Item));
        Assert.Equal(125, result.ShellCode);
    }

    private static SandboxPlan With(
        SandboxPlan plan,
        IReadOnlyList<string>? programs = null,
        IReadOnlyList<ViewItem>? view = null,
        LandlockPlan? landlock = null,
        IReadOnlyList<ReadOnlyMemory<byte>>? filters = null,
        string? folder = null,
        string? hostName = null) => new()
        {
            Programs = programs ?? plan.Programs,
            Arguments = plan.Arguments,
            Environment = plan.Environment,
            Folder = folder ?? plan.Folder,
            HostName = hostName ?? plan.HostName,
            View = view ?? plan.View,
            User = plan.User,
            Landlock = landlock ?? plan.Landlock,
            Filters = filters ?? plan.Filters,
            Limits = plan.Limits,
        };
}

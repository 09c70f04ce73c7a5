using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace Sandbox.Tests.Differential;

/// <summary>A plan with one of its two layers of files switched off.</summary>
internal static class OneLayer
{
    /// <summary>The mounts as they are, without Landlock.</summary>
    internal static SandboxPlan View(SandboxPlan plan) => With(plan, plan.View, null);

    /// <summary>Landlock as it is, in a view that shows all of the machine and restricts nothing.</summary>
    internal static SandboxPlan Landlock(SandboxPlan plan) => With(
        plan,
        [
            .. plan.View.Where(item => item.Target.StartsWith("/proc", StringComparison.Ordinal)),
            .. Directory.GetDirectories("/").Where(path => path is not "/proc" && new FileInfo(path).LinkTarget is null).SelectMany(path => (ViewItem[])[ViewItem.Folder(path), ViewItem.Bind(path, path, MountRestrictions.None)]),
            .. plan.View.Where(item => item.Kind == MountKind.Link && item.Target.LastIndexOf('/') == 0),
        ],
        plan.Landlock);

    private static SandboxPlan With(SandboxPlan plan, IReadOnlyList<ViewItem> view, LandlockPlan? landlock) => new()
    {
        Programs = plan.Programs,
        Arguments = plan.Arguments,
        Environment = plan.Environment,
        Folder = plan.Folder,
        View = view,
        User = plan.User,
        Landlock = landlock,
        Filters = plan.Filters,
        Limits = plan.Limits,
    };
}

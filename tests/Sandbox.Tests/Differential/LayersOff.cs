using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace Sandbox.Tests.Differential;

/// <summary>Plans with one layer away, which no policy and no option gives: for showing which layer it is that stops something.</summary>
internal static class LayersOff
{
    internal static SandboxPlan Filters(SandboxPlan plan) => plan with { Filters = [] };

    internal static SandboxPlan Landlock(SandboxPlan plan) => plan with { Landlock = null };

    /// <summary>The view of another plan, and so what that one lets be seen; Landlock's rules stay.</summary>
    internal static SandboxPlan View(SandboxPlan plan, SandboxPlan other) => View(plan, other.View);

    /// <summary>A view that shows all of the machine and restricts nothing; Landlock's rules stay.</summary>
    internal static SandboxPlan View(SandboxPlan plan) => View(
        plan,
        [
            .. plan.View.Where(item => item.Target.StartsWith("/proc", StringComparison.Ordinal)),
            .. Directory.GetDirectories("/").Where(path => path is not "/proc" && new FileInfo(path).LinkTarget is null).SelectMany(path => (ViewItem[])[ViewItem.Folder(path), ViewItem.Bind(path, path, MountRestrictions.None)]),
            .. plan.View.Where(item => item.Kind == MountKind.Link && item.Target.LastIndexOf('/') == 0),
        ]);

    private static SandboxPlan View(SandboxPlan plan, IReadOnlyList<ViewItem> view) => plan with { View = view };
}

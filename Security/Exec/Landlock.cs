using ClawOS.Security.Sandbox;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Exec;

/// <summary>The kernel's own check of every path, beside what the view shows (landlock(7)). A kernel that knows less than the plan asks is refused, never taken.</summary>
internal static unsafe class Landlock
{
    internal static void Restrict(LaunchContext* context, Plan plan)
    {
        const nint AskVersion = 1, PathBeneath = 1;
        uint version = plan.Number(PlanLayout.LandlockVersionAt);
        if (version == 0)
        {
            return;
        }

        nint known = Kernel.Call(CallNumber.LandlockCreateRuleset, 0, 0, AskVersion);
        if (known < (nint)version)
        {
            FirstProcess.Fail(context, LaunchStep.MakeRuleset, 0, known < 0 ? Kernel.Error : Kernel.EOPNOTSUPP);
        }

        // struct landlock_ruleset_attr; the kernel takes what it does not know as long as it is zero.
        ulong* handled = stackalloc ulong[] { plan.Wide(PlanLayout.HandledFilesAt), plan.Wide(PlanLayout.HandledNetAt), plan.Wide(PlanLayout.ScopesAt) };
        nint ruleset = Kernel.Call(CallNumber.LandlockCreateRuleset, (nint)handled, 24);
        if (ruleset < 0)
        {
            FirstProcess.Fail(context, LaunchStep.MakeRuleset);
        }

        byte* rule = stackalloc byte[12]; // struct landlock_path_beneath_attr, packed.
        for (uint i = 0; i < plan.Count(PlanLayout.PathRulesAt); i++)
        {
            byte* entry = plan.Entry(PlanLayout.PathRulesAt, PlanLayout.PathRuleSize, i);
            nint place = MountCall.OpenExact(plan.Text(entry, 8));
            *(ulong*)rule = *(ulong*)entry;
            *(int*)(rule + 8) = (int)place;
            if (place < 0 || Kernel.Call(CallNumber.LandlockAddRule, ruleset, PathBeneath, (nint)rule) != 0)
            {
                FirstProcess.Fail(context, LaunchStep.AddPathRule, i);
            }

            Kernel.Call(CallNumber.Close, place);
        }

        if (Kernel.Call(CallNumber.LandlockRestrictSelf, ruleset) != 0)
        {
            FirstProcess.Fail(context, LaunchStep.RestrictSelf);
        }
    }
}

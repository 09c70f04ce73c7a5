using ClawFS.Vfs;

namespace ClawOS.Security.Trees;

/// <summary>`policy/`: what agents may do, as files. Only the owner writes here; an agent's view does not have it.</summary>
public static class PolicyFolder
{
    /// <summary>The name in the root.</summary>
    public const string FileName = "policy";

    private const uint OwnerReads = 0x100;

    /// <summary>Makes the folder.</summary>
    /// <param name="policies">What it shows and changes.</param>
    /// <param name="errors">The log behind policy/errors.</param>
    public static GeneratedFolder Build(LivePolicies policies, ErrorLog errors)
    {
        GeneratedFile refusals = GeneratedFile.OfText(errors.Render, OwnerReads, keep: Timeout.InfiniteTimeSpan);
        errors.Added = refusals.Changed;
        EffectiveFile effective = new(policies);
        ModeFile mode = new(policies, errors);
        ActiveFolder active = new(policies, errors);
        DraftFolder draft = new(policies, errors);
        policies.Shown = () =>
        {
            active.Show();
            draft.Show();
        };
        PolicyMode? shown = null;
        policies.Effective = () =>
        {
            effective.Changed();
            if (policies.State?.Mode is var now && now != shown)
            {
                shown = now;
                mode.Changed();
            }
        };
        return new GeneratedFolder()
            .Add(ActiveFolder.FileName, active)
            .Add(DraftFolder.FileName, draft)
            .Add(ModeFile.FileName, mode)
            .Add(EffectiveFile.FileName, effective)
            .Add("errors", refusals)
            .Add(ExplainService.FileName, new Channel(new ExplainService(policies)));
    }
}

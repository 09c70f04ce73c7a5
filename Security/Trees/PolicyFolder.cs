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
        policies.Effective = () =>
        {
            effective.Changed();
            mode.Changed();
        };
        return new GeneratedFolder()
            .Add(ModeFile.FileName, mode)
            .Add(EffectiveFile.FileName, effective)
            .Add("errors", refusals)
            .Add(ExplainService.FileName, new Channel(new ExplainService(policies)));
    }
}

namespace ClawOS.Security.Policy.Questions;

/// <summary>Which layers enforce a rule.</summary>
internal static class RuleLayers
{
    /// <summary>Where no rule allows a path: it is not mounted, and Landlock has no rule for it.</summary>
    internal const Layers Ungranted = Layers.View | Layers.Landlock;

    /// <summary>A denial inside what is allowed can be covered by a mount; Landlock can only leave out.</summary>
    internal static Layers Of(PathRule rule) => rule.IsGlob ? Layers.AppArmor : rule.IsDenied ? Layers.View : Layers.View | Layers.Landlock;

    internal static Layers Of(CommandRule rule) => Layers.Landlock | (rule.IsConstrained ? Layers.Launch : Layers.None) | (rule.NeedsApproval ? Layers.Approval : Layers.None);
}

using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>What the rules of a policy that name places, not patterns, say about a path: what any of them allows, less what any of them denies.</summary>
/// <param name="policy">The policy.</param>
/// <param name="approved">The file of a command that needs approval and was launched with it; null: none. No other such file may be executed.</param>
/// <param name="patterns">Whether AppArmor enforces its patterns: then what one allows is allowed here for all of the folder in which it begins, and AppArmor narrows that.</param>
internal sealed class PolicyPaths(EffectivePolicy policy, string? approved = null, bool patterns = false)
{
    /// <summary>Rules about places; a command's file may be executed, unless each launch of it is asked about.</summary>
    internal IReadOnlyList<PathRule> Rules { get; } =
    [
        .. policy.Paths.Where(rule => !rule.IsGlob),
        .. policy.Paths.Where(rule => patterns && rule.IsGlob && !rule.IsDenied && FolderOf(rule) is not null).Select(rule => rule with { Path = FolderOf(rule)!, IsTree = true, IsGlob = false }),
        .. policy.Commands.Where(command => command.Path == approved || !policy.NeedsApproval(command.Path)).Select(command => new PathRule(command.Path, IsTree: false, PathAccess.Execute, IsDenied: false, command.Source)),
    ];

    /// <summary>What may be done at exactly this path. What is allowed for the whole machine is not allowed for /claw, which is none of the machine's folders.</summary>
    internal PathAccess At(string path)
    {
        (PathAccess allowed, PathAccess denied) = Rule(path);

        // A view can hide a place or show it, not both: what may not be read is not there.
        return (denied & PathAccess.Read) != 0 ? PathAccess.None : allowed & ~denied;
    }

    /// <summary>Whether a place is denied altogether, whatever is granted below it.</summary>
    internal bool IsHidden(string path) => (Rule(path).Denied & PathAccess.Read) != 0;

    /// <summary>What may be done with what is in a folder, where no other rule is about it: a rule about the folder alone says nothing of that.</summary>
    internal PathAccess Within(string folder) => At(folder == "/" ? "/." : folder + "/.");

    /// <summary>Whether a path lies below a folder, and is not the folder.</summary>
    internal static bool IsBelow(string path, string folder) =>
        folder == "/" ? path != "/" : path.Length > folder.Length && path[folder.Length] == '/' && path.StartsWith(folder, StringComparison.Ordinal);

    /// <summary>
    /// The folder that holds whatever a pattern can match: all of it before the first segment with a star or question mark. Null where AppArmor could not narrow what is shown: the root, and
    /// below what every sandbox may use anyway.
    /// </summary>
    internal static string? FolderOf(PathRule pattern)
    {
        int end = pattern.Path.LastIndexOf('/', pattern.Path.AsSpan().IndexOfAny('*', '?'));
        string folder = pattern.Path[..Math.Max(end, 0)];
        return folder.Length == 0 || BaseView.Own.Any(own => folder == own || IsBelow(folder, own)) ? null : folder;
    }

    private (PathAccess Allowed, PathAccess Denied) Rule(string path)
    {
        PathAccess allowed = PathAccess.None, denied = PathAccess.None;
        foreach (PathRule rule in Rules)
        {
            if (rule.Path == path || (rule.IsTree && IsBelow(path, rule.Path) && (rule.IsDenied || rule.Path != "/" || !ClawView.Has(path))))
            {
                allowed |= rule.IsDenied ? PathAccess.None : rule.Access;
                denied |= rule.IsDenied ? rule.Access : PathAccess.None;
            }
        }

        return (allowed, denied);
    }
}

using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>
/// Folders above what is denied, inside what may be written. A profile judges names: whoever may rename such a folder, or make one or a link under its name, brings something else to a denied name. So their own names are denied
/// to whoever writes; what is in them is not. The view does the same by mount points, to those that are there when a sandbox starts.
/// </summary>
internal static class PinnedNames
{
    internal static IEnumerable<PathRule> Of(EffectivePolicy policy)
    {
        string[] writable = [.. policy.Paths.Where(static rule => !rule.IsDenied && (rule.IsTree || rule.IsGlob) && rule.Access.HasFlag(PathAccess.Write)).Select(FolderOf).Where(static folder => folder.Length > 0)];
        return policy.Paths.Where(static rule => rule.IsDenied && !rule.IsGlob)
            .SelectMany(static rule => rule.FoldersAbove.Select(folder => new PathRule(folder, IsTree: false, PathAccess.Write, IsDenied: true, rule.Source)))
            .DistinctBy(static rule => rule.Path)
            .Where(rule => writable.Any(folder => folder == "/" || rule.Path.StartsWith(folder + "/", StringComparison.Ordinal)));
    }

    /// <summary>The folder whose content a rule is about; that one is a mount point, and nobody renames it. Empty for a pattern that begins at the root, which grants nothing.</summary>
    private static string FolderOf(PathRule rule) => rule.IsGlob ? rule.Path[..rule.Path.LastIndexOf('/', rule.Path.AsSpan().IndexOfAny('*', '?'))] : rule.Path;
}

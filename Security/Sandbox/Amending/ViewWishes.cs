using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>
/// What a new policy means for the view of a sandbox that runs: what its launch gave it and the new policy does not is to go. What was not there at launch
/// cannot come, for the launch's Landlock rules stay; that is told.
/// </summary>
internal sealed class ViewWishes
{
    private readonly PolicyPaths launched;
    private readonly PolicyPaths wanted;
    private readonly HashSet<string> pinned, ruled;
    private readonly SortedDictionary<string, bool> places = new(StringComparer.Ordinal);

    /// <param name="before">The policy of the launch.</param>
    /// <param name="after">The policy that shall hold now.</param>
    /// <param name="patterns">Whether the sandbox runs in an AppArmor profile, which has been made to say what the new policy says.</param>
    /// <param name="amended">Places that earlier amendments changed, and whether each is a tree.</param>
    /// <param name="approved">The file of a command that the sandbox was launched with its owner's yes for; null: none.</param>
    internal ViewWishes(EffectivePolicy before, EffectivePolicy after, bool patterns, IEnumerable<KeyValuePair<string, bool>> amended, string? approved = null)
    {
        (launched, wanted) = (new PolicyPaths(before, approved, patterns), new PolicyPaths(after, approved, patterns));
        foreach (PathRule rule in launched.Rules.Concat(wanted.Rules))
        {
            Add(rule.Path, rule.IsTree);
        }

        // Those of the launch are mounts of their own already: what is taken from the folder around them is taken, and given back, there too.
        ruled = [.. places.Keys];
        string[] old = [.. PinnedBy(before)];
        pinned = [.. PinnedBy(after).Except(old)];
        foreach (string folder in pinned.Concat(old))
        {
            Add(folder, isTree: true);
        }

        foreach ((string path, bool isTree) in amended)
        {
            Add(path, isTree);
        }

        HashSet<string> own = [.. BaseView.Items(0).Select(item => item.Target)];
        Paths = [.. places.Where(place => !own.Contains(place.Key) && !PolicyPaths.IsBelow(place.Key, BaseView.Proc)).Select(place => WishFor(place.Key, place.Value))];
        foreach (PathRule rule in after.Paths.Where(rule => !patterns && rule.IsGlob && rule.IsDenied && !before.Paths.Any(old => old.IsGlob && old.Path == rule.Path && old.IsDenied)))
        {
            Keep($"{rule.Source}: {rule.Path} is denied by a pattern, which no layer here enforces");
        }
    }

    /// <summary>Sorted by path: a folder comes before what is below it.</summary>
    internal IReadOnlyList<PathWish> Paths { get; }

    /// <summary>What is not done before the next launch.</summary>
    internal List<string> Notes { get; } = [];

    /// <summary>Of those, what the new policy takes away.</summary>
    internal List<string> Kept { get; } = [];

    /// <summary>Folders above what a policy denies, which shall not be renamed.</summary>
    private static IEnumerable<string> PinnedBy(EffectivePolicy policy) =>
        policy.Paths.Where(rule => rule.IsDenied && !rule.IsGlob).SelectMany(rule => rule.FoldersAbove).Distinct().Where(folder => ClawView.Has(folder) || Directory.Exists(folder));

    private void Keep(string note)
    {
        Notes.Add(note);
        Kept.Add(note);
    }

    /// <summary>The root cannot be mounted over; a rule about it is about each folder in it.</summary>
    private void Add(string path, bool isTree)
    {
        if (path != "/")
        {
            places[path] = isTree || places.GetValueOrDefault(path);
        }
        else if (isTree)
        {
            foreach (string entry in Directory.GetFileSystemEntries("/").Where(entry => new FileInfo(entry).LinkTarget is null))
            {
                places[entry] = true;
            }
        }
    }

    private PathWish WishFor(string path, bool isTree)
    {
        PathAccess had = isTree ? launched.Within(path) : launched.At(path), has = isTree ? wanted.Within(path) : wanted.At(path);
        PathAccess left = had & has;
        bool isPinned = pinned.Contains(path) && had.HasFlag(PathAccess.Write);
        if ((has & ~had) != 0 && ruled.Contains(path))
        {
            Notes.Add($"{path}: {Words(has & ~had)} is granted from the next launch on");
        }

        if (had == PathAccess.None || left == PathAccess.None)
        {
            return new PathWish(path, isTree, IsHidden: had != PathAccess.None, MountRestrictions.None) { Whole = Refusing(had) };
        }

        if ((had & ~left).HasFlag(PathAccess.Read) && ruled.Contains(path))
        {
            Keep($"{path}: read is taken away from the next launch on; a mount cannot refuse it alone");
        }

        return new PathWish(path, isTree, IsHidden: false, Refusing(had & ~left)) { Whole = Refusing(had), IsPinned = isPinned };
    }

    private static MountRestrictions Refusing(PathAccess access) =>
        (access.HasFlag(PathAccess.Write) ? MountRestrictions.ReadOnly : 0) | (access.HasFlag(PathAccess.Execute) ? MountRestrictions.NoExecute : 0);

    private static string Words(PathAccess access) => access.ToString().ToLowerInvariant();
}

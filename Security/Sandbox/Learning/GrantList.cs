using ClawOS.Security.Policy;
using ClawOS.Security.Sandbox.Views;

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>Paths that get one of the three rights, folded: what several files of a folder need, the folder gets as a tree; never a folder of the root, nor one that holds the workspace.</summary>
/// <param name="access">Which right.</param>
/// <param name="workspace">Path of the workspace.</param>
/// <param name="ceiling">What a base policy allows at a path, or in a whole tree.</param>
internal sealed class GrantList(PathAccess access, string workspace, Func<string, bool, PathAccess, bool> ceiling)
{
    private readonly SortedDictionary<string, string> files = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> trees = new(StringComparer.Ordinal);

    /// <summary>The grants: a path, whether it is a tree, and why; none lies in another.</summary>
    internal IEnumerable<(string Path, bool IsTree, string Reason)> Items =>
        trees.Select(pair => (pair.Key, true, pair.Value)).Concat(files.Select(pair => (pair.Key, false, pair.Value))).OrderBy(item => item.Item1, StringComparer.Ordinal);

    internal bool Covers(string path) => files.ContainsKey(path) || trees.Keys.Any(tree => tree == path || PolicyPaths.IsBelow(path, tree));

    internal void Add(string path, string reason)
    {
        if (ceiling(path, false, access) && !Covers(path))
        {
            files[path] = reason;
        }
    }

    /// <returns>False where a tree is more than may be.</returns>
    internal bool AddTree(string path, string reason)
    {
        if (!ceiling(path, true, access))
        {
            return false;
        }

        if (!trees.Keys.Any(tree => tree == path || PolicyPaths.IsBelow(path, tree)))
        {
            foreach (string inside in trees.Keys.Where(tree => PolicyPaths.IsBelow(tree, path)).ToArray())
            {
                trees.Remove(inside);
            }

            foreach (string inside in files.Keys.Where(file => file == path || PolicyPaths.IsBelow(file, path)).ToArray())
            {
                files.Remove(inside);
            }

            trees[path] = reason;
        }

        return true;
    }

    /// <summary>Folds folders of which more than a number of entries are granted, from the deepest up.</summary>
    internal void Fold(int most)
    {
        for (bool folded = true; folded;)
        {
            folded = false;
            foreach (IGrouping<string, string> folder in files.Keys.Concat(trees.Keys).GroupBy(path => Path.GetDirectoryName(path) ?? "/").OrderByDescending(group => group.Key.Length).ToArray())
            {
                folded = folder.Count() > most && MayFold(folder.Key) && AddTree(folder.Key, $"{folder.Count()} of what is in it") || folded;
            }
        }
    }

    /// <summary>Takes out what is there in any case because something below it is.</summary>
    internal void DropParents(IEnumerable<string> granted)
    {
        string[] below = [.. granted];
        foreach (string file in files.Keys.Where(path => below.Any(other => PolicyPaths.IsBelow(other, path))).ToArray())
        {
            files.Remove(file);
        }
    }

    private bool MayFold(string folder) =>
        folder == workspace || PolicyPaths.IsBelow(folder, workspace)
        || (folder.Count(letter => letter == '/') > 1 && Path.GetDirectoryName(folder) is not "/home" && !PolicyPaths.IsBelow(workspace, folder));
}

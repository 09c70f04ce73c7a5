using ClawFS.Vfs;

namespace ClawFS.Trees;

/// <summary>The root that one sandbox sees as /claw: a README of its own and places for what is granted, over which the launcher binds the stored files.</summary>
internal static class ViewFolder
{
    /// <param name="request">What it shows.</param>
    /// <param name="run">The place of its launch socket; null: it has none.</param>
    internal static GeneratedFolder Build(ViewRequest request, RunFolder? run)
    {
        GeneratedFolder root = new GeneratedFolder().Add(Readme.FileName, ViewReadme.Build(request));
        Dictionary<string, GeneratedFolder> folders = new(StringComparer.Ordinal) { [""] = root };
        HashSet<string> granted = new(StringComparer.Ordinal);
        foreach (ViewGrant grant in request.Grants.OrderBy(static grant => grant.Path, StringComparer.Ordinal))
        {
            // What is bound over a granted folder has its own names.
            if (!granted.Contains(grant.Path) && !Above(grant.Path).Any(granted.Contains))
            {
                Place(grant, folders);
                _ = granted.Add(grant.Path);
            }
        }
        return run is null ? root : root.Add(RunFolder.FileName, run);
    }

    private static void Place(ViewGrant grant, Dictionary<string, GeneratedFolder> folders)
    {
        GeneratedFolder parent = folders[""];
        foreach (string path in Above(grant.Path).Append(grant.Path))
        {
            bool isFile = path == grant.Path && !grant.IsFolder;
            if (isFile)
            {
                parent.Add(NameOf(path), new PlaceholderFile());
            }
            else if (folders.TryGetValue(path, out GeneratedFolder? known))
            {
                parent = known;
            }
            else
            {
                GeneratedFolder made = new();
                parent.Add(NameOf(path), made);
                folders[path] = parent = made;
            }
        }
    }

    /// <summary>"memory" and "memory/a" of "memory/a/b".</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (int slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            yield return path[..slash];
        }
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];
}

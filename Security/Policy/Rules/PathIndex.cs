using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Rules;

/// <summary>Finds the rule for a path by walking its segments: the work is the depth of the path, however many rules there are.</summary>
/// <typeparam name="T">What is kept for a pattern.</typeparam>
/// <param name="reachesClaw">Whether patterns that begin at the root are about /claw, too: denials are, and what is allowed for the whole machine is not.</param>
internal sealed class PathIndex<T>(bool reachesClaw)
    where T : class
{
    private readonly Node _root = new();

    /// <summary>Adds a pattern; of two equal ones the first stays.</summary>
    internal void Add(PathPattern pattern, T rule)
    {
        ReadOnlySpan<char> folder = LiteralFolder(pattern);
        Node node = _root;
        foreach (Range range in folder.Split(Glob.Slash))
        {
            if (folder[range].Length > 0)
            {
                node = node.Make(folder[range]);
            }
        }

        switch (pattern.Shape)
        {
            case PathShape.Tree:
                node.Tree ??= rule;
                break;
            case PathShape.Exact:
                node.Exact ??= rule;
                break;
            default:
                (node.Globs ??= []).Add((pattern.Path, rule));
                break;
        }
    }

    /// <summary>The rule that matches a path, of several the one whose pattern begins deepest; null when none does. No allocation.</summary>
    internal T? Match(ReadOnlySpan<char> path)
    {
        Node? node = _root;
        T? found = reachesClaw || !PathPattern.IsInClaw(path) ? node.Matching(path, null) : null;
        foreach (Range range in path.Split(Glob.Slash))
        {
            if (path[range].Length == 0)
            {
                continue;
            }

            node = node.Find(path[range]);
            if (node is null)
            {
                return found;
            }

            found = node.Matching(path, found);
        }

        return node.Exact ?? found;
    }

    /// <summary>A rule that matches whatever a pattern matches; null when none is known to. May miss one between patterns with several stars.</summary>
    internal T? Cover(PathPattern narrow)
    {
        if (narrow.Shape == PathShape.Exact)
        {
            return Match(narrow.Path);
        }

        ReadOnlySpan<char> folder = LiteralFolder(narrow);
        Node? node = _root;
        T? found = reachesClaw || !PathPattern.IsInClaw(narrow.Path) ? node.Covering(narrow) : null;
        foreach (Range range in folder.Split(Glob.Slash))
        {
            if (folder[range].Length == 0)
            {
                continue;
            }

            node = node.Find(folder[range]);
            if (found is not null || node is null)
            {
                return found;
            }

            found = node.Covering(narrow);
        }

        return found;
    }

    /// <summary>The path, or of a pattern the folders before its first star or question mark.</summary>
    private static ReadOnlySpan<char> LiteralFolder(PathPattern pattern)
    {
        ReadOnlySpan<char> path = pattern.Path;
        return pattern.Shape != PathShape.Glob ? path : path[..path[..path.IndexOfAny('*', '?')].LastIndexOf(Glob.Slash)];
    }

    private sealed class Node
    {
        private Dictionary<string, Node>? _children;

        internal T? Tree { get; set; }

        internal T? Exact { get; set; }

        internal List<(string Pattern, T Rule)>? Globs { get; set; }

        internal Node? Find(ReadOnlySpan<char> name) =>
            _children is not null && _children.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out Node? child) ? child : null;

        internal Node Make(ReadOnlySpan<char> name)
        {
            if (Find(name) is { } known)
            {
                return known;
            }

            Node child = new();
            (_children ??= new Dictionary<string, Node>(StringComparer.Ordinal)).Add(name.ToString(), child);
            return child;
        }

        internal T? Matching(ReadOnlySpan<char> path, T? before)
        {
            T? found = Tree ?? before;
            for (int i = 0; i < (Globs?.Count ?? 0); i++)
            {
                if (Glob.IsMatch(Globs![i].Pattern, path, Glob.Slash))
                {
                    return Globs[i].Rule;
                }
            }

            return found;
        }

        internal T? Covering(PathPattern narrow)
        {
            foreach ((string pattern, T rule) in Globs ?? [])
            {
                if (Glob.Covers(pattern, narrow.Path, Glob.Slash) && (narrow.Shape == PathShape.Glob || Glob.Covers(pattern, narrow.ToString(), Glob.Slash)))
                {
                    return rule;
                }
            }

            return Tree;
        }
    }
}

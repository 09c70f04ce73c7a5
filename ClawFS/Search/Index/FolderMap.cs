using System.Text;

namespace ClawFS.Search.Index;

/// <summary>
/// Where folders lie, as far as the index has seen: enough to tell which files are below a path without asking the store for each. A hint, kept up by events:
/// whoever shows a path asks the store for it. Safe for several threads.
/// </summary>
internal sealed class FolderMap
{
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, (ulong Parent, byte[] Name)> folders = [];

    /// <summary>Notes where a folder lies.</summary>
    public void Set(ulong folder, ulong parent, byte[] name)
    {
        lock (gate)
        {
            folders[folder] = (parent, name);
        }
    }

    /// <summary>Forgets a folder.</summary>
    public void Remove(ulong folder)
    {
        lock (gate)
        {
            folders.Remove(folder);
        }
    }

    /// <summary>The folder at a path below <paramref name="top"/> ("projects/x"), 0 if none is known. A part may be "*", any one folder.</summary>
    public IReadOnlyList<ulong> Find(ulong top, string path)
    {
        List<ulong> at = [top];
        lock (gate)
        {
            foreach (string part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                byte[] name = Encoding.UTF8.GetBytes(part);
                HashSet<ulong> above = [.. at];
                at = [.. folders.Where(f => above.Contains(f.Value.Parent) && (part == "*" || f.Value.Name.AsSpan().SequenceEqual(name))).Select(static f => f.Key)];
            }
        }
        return at;
    }

    /// <summary>Those folders and every folder below them.</summary>
    public HashSet<ulong> Below(IEnumerable<ulong> tops)
    {
        HashSet<ulong> below = [.. tops];
        lock (gate)
        {
            Dictionary<ulong, bool> known = [];
            List<ulong> chain = [];
            foreach (ulong folder in folders.Keys)
            {
                chain.Clear();
                ulong at = folder;
                bool inside = false;
                while (chain.Count <= folders.Count)
                {
                    if (below.Contains(at) || known.TryGetValue(at, out inside))
                    {
                        inside |= below.Contains(at);
                        break;
                    }
                    chain.Add(at);
                    if (!folders.TryGetValue(at, out (ulong Parent, byte[] Name) place))
                    {
                        break;
                    }
                    at = place.Parent;
                }
                foreach (ulong passed in chain)
                {
                    known[passed] = inside;
                    if (inside)
                    {
                        below.Add(passed);
                    }
                }
            }
        }
        return below;
    }
}

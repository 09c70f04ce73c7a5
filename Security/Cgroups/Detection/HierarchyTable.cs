using ClawFS.Linux;

namespace ClawOS.Security.Cgroups.Detection;

/// <summary>Which hierarchies are mounted: /proc/self/mountinfo says where, /proc/self/cgroup in which group this process is (cgroups(7)).</summary>
internal static class HierarchyTable
{
    /// <summary>Reads both tables below a root folder; no path is taken for granted.</summary>
    /// <param name="root">"/", or a folder that stands for it.</param>
    internal static IReadOnlyList<Hierarchy> Read(string root)
    {
        Dictionary<string, string> own = Memberships(File.ReadLines(Path.Combine(root, "proc/self/cgroup")));
        List<Hierarchy> found = [];
        foreach (string line in File.ReadLines(Path.Combine(root, "proc/self/mountinfo")))
        {
            if (Parse(line, own, root) is not { } hierarchy)
                continue;

            // The same hierarchy may be mounted twice; the first is as good as any other.
            if (!found.Exists(other => other.Version == hierarchy.Version && other.Controllers.SequenceEqual(hierarchy.Controllers)))
                found.Add(hierarchy);
        }

        return found;
    }

    /// <summary>From the name of a hierarchy, "cpu,cpuacct" or "" for version 2, to the path of this process in it.</summary>
    internal static Dictionary<string, string> Memberships(IEnumerable<string> lines)
    {
        Dictionary<string, string> own = [];
        foreach (string line in lines)
        {
            // "4:cpu,cpuacct:/path", and "0::/path" for version 2. A path may hold colons.
            string[] parts = line.Split(':', 3);
            if (parts.Length == 3)
                own[parts[1]] = parts[2];
        }

        return own;
    }

    /// <summary>A line of mountinfo; null when it is no control group, or one without a controller.</summary>
    internal static Hierarchy? Parse(string line, IReadOnlyDictionary<string, string> own, string root)
    {
        if (MountEntry.Parse(line) is not { Type: "cgroup" or "cgroup2" } mount)
            return null;
        string bound = MountEntry.Unescape(line.Split(' ')[3]);
        string mountPoint = Path.Combine(root, mount.MountPoint.TrimStart('/'));
        if (mount.Type == "cgroup2")
            return new Hierarchy(CgroupVersion.V2, [], mountPoint, Below(mountPoint, bound, own.GetValueOrDefault("")));

        // The options of the file system end the line; the table of memberships has the same names in the same order.
        HashSet<string> options = [.. line.Split(' ')[^1].Split(',')];
        string? name = own.Keys.FirstOrDefault(name => name.Length > 0 && !name.StartsWith("name=", StringComparison.Ordinal) && name.Split(',').All(options.Contains));
        return name is null ? null : new Hierarchy(CgroupVersion.V1, name.Split(','), mountPoint, Below(mountPoint, bound, own[name]));
    }

    /// <summary>
    /// The folder of a group: its path less the part of the hierarchy that the mount begins with, as in containers. A path with ".." lies outside what this process may see.
    /// </summary>
    private static string Below(string mountPoint, string bound, string? path)
    {
        if (path is null || path.Split('/').Contains(".."))
            return mountPoint;
        string rest = bound == "/" ? path
            : path == bound ? ""
            : path.StartsWith(bound + "/", StringComparison.Ordinal) ? path[bound.Length..]
            : path;
        string folder = rest.Trim('/').Length == 0 ? mountPoint : Path.Combine(mountPoint, rest.Trim('/'));
        return Directory.Exists(folder) ? folder : mountPoint;
    }
}

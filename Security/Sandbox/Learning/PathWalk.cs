namespace ClawOS.Security.Sandbox.Learning;

/// <summary>Where a path leads on this machine, and the symbolic links on the way.</summary>
/// <param name="Real">The path that the kernel comes to; its last part need not be there.</param>
/// <param name="Links">Each link that was followed, by its own path without links.</param>
internal sealed record PathWalk(string Real, IReadOnlyList<string> Links)
{
    private const int MaxLinks = 40;

    /// <summary>Follows a path.</summary>
    /// <param name="path">Absolute; may have "." and "..".</param>
    /// <param name="followLast">Whether a link at its end is followed.</param>
    /// <returns>Null where the kernel would give up: links in a circle.</returns>
    internal static PathWalk? Follow(string path, bool followLast = true)
    {
        string real = "/";
        List<string> links = [];
        Stack<string> left = new(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        while (left.TryPop(out string? name))
        {
            if (name == ".")
            {
                continue;
            }

            if (name == "..")
            {
                real = Path.GetDirectoryName(real) ?? "/";
                continue;
            }

            string next = Path.Join(real, name);
            if ((followLast || left.Count > 0) && new FileInfo(next).LinkTarget is { } text)
            {
                if (links.Count == MaxLinks)
                {
                    return null;
                }

                links.Add(next);
                next = text.StartsWith('/') ? "/" : real;
                foreach (string part in text.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                {
                    left.Push(part);
                }
            }

            real = next;
        }

        return new PathWalk(real, links);
    }
}

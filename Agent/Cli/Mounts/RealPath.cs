using ClawFS.Linux;

namespace ClawOS.Cli.Mounts;

/// <summary>
/// Absolute paths without links, found without asking a claw mount anything: a dead or hung one would answer with an error
/// or never.
/// </summary>
internal static class RealPath
{
    private const int MaxLinks = 40;

    /// <summary>Resolves a path; what does not exist stays as it is written.</summary>
    internal static string Of(string path)
    {
        HashSet<string> mounts = [.. MountEntry.ReadAll().Where(entry => entry.Type == FuseMount.Type).Select(entry => entry.MountPoint)];
        Stack<string> left = new(Split(Path.GetFullPath(path)).Reverse());
        string resolved = "/";
        int links = 0;
        while (left.TryPop(out string? name))
        {
            string next = Path.GetFullPath(Path.Combine(resolved, name));
            if (!mounts.Contains(next) && !IsInside(next, mounts) && new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MaxLinks)
                {
                    throw new CliException(ExitCodes.Failed, $"{path}: too many links; name the folder itself");
                }

                foreach (string part in Split(Path.GetFullPath(Path.Combine(resolved, target))).Reverse())
                {
                    left.Push(part);
                }

                resolved = "/";
                continue;
            }

            resolved = next;
        }

        return resolved;
    }

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    private static bool IsInside(string path, IEnumerable<string> mounts) => mounts.Any(mount => path.StartsWith(mount + "/", StringComparison.Ordinal));
}

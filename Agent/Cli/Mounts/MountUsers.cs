using System.Globalization;
using ClawFS.Linux;

namespace ClawOS.Cli.Mounts;

/// <summary>Who keeps a mount busy: the links in /proc name open files and folders without asking the mount.</summary>
internal static class MountUsers
{
    private const int MaxListed = 8;

    /// <summary>The programs with something open below a mount point, like "vim (pid 12)"; those of other users only as root.</summary>
    internal static IReadOnlyList<string> Of(string mountPoint)
    {
        List<string> users = [];
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && pid != Environment.ProcessId
                && Links(process).Any(link => link == mountPoint || link.StartsWith(mountPoint + "/", StringComparison.Ordinal)))
            {
                users.Add($"{ProcessIdentity.CommOf((uint)pid)} (pid {pid})");
            }
        }

        return users.Count <= MaxListed ? users : [.. users[..MaxListed], $"and {users.Count - MaxListed} more"];
    }

    private static IEnumerable<string> Links(string process)
    {
        foreach (string name in (string[])["cwd", "root", "exe"])
        {
            if (TryReadLink(Path.Combine(process, name)) is { } target)
            {
                yield return target;
            }
        }

        string[] descriptors;
        try
        {
            // Not by System.IO, which follows each link to tell files from folders and waits where one leads into a mount that nobody serves.
            using Folder folder = Folder.Open(Path.Combine(process, "fd"));
            descriptors = folder.List();
        }
        catch (LinuxException)
        {
            yield break; // Another user's, or gone meanwhile.
        }

        foreach (string descriptor in descriptors)
        {
            if (TryReadLink(Path.Combine(process, "fd", descriptor)) is { } target)
            {
                yield return target;
            }
        }
    }

    private static string? TryReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            return null; // Gone meanwhile, or not ours to see.
        }
    }
}

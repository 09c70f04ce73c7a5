using ClawFS.Linux;

namespace ClawOS.Security.Sandbox.Views;

/// <summary>Where ClawOS is mounted on this machine. Only stored files of it may be laid into a sandbox from there.</summary>
internal static class ForeignMounts
{
    /// <summary>Bytes of the folder in memory that covers one.</summary>
    internal const long CoverBytes = 64 << 10;

    /// <summary>Its permissions: 0555.</summary>
    internal const uint CoverMode = 0x16D;

    internal static string[] Find() => [.. MountEntry.ReadAll().Where(entry => entry.Type == FuseMount.Type).Select(entry => entry.MountPoint).Distinct()];

    /// <summary>The mount in which a path is and is not a stored file's, or null.</summary>
    internal static string? Holding(IEnumerable<string> mounts, string path) => mounts.FirstOrDefault(mount =>
        path == mount || (PolicyPaths.IsBelow(path, mount) && path != mount + ClawView.Stored && !PolicyPaths.IsBelow(path, mount + ClawView.Stored)));
}

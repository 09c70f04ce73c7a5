using ClawOS.Cli.Mounts;

namespace ClawOS.Cli.Sandboxes;

/// <summary>Which mount's policies a sandbox follows while it runs.</summary>
internal static class FollowedMount
{
    /// <summary>The named mount, or the only one that is up; null: none, or a policy that is named by its file, which no mount changes.</summary>
    /// <exception cref="CliException">The named one is not mounted.</exception>
    internal static string? Of(string? directory, string policy)
    {
        if (directory is not null)
        {
            KnownMount named = KnownMount.Choose(directory);
            return named.IsMounted ? named.MountPoint : throw new CliException(ExitCodes.NotFound, $"{directory}: nothing is mounted there");
        }

        KnownMount[] up = policy.Contains('/', StringComparison.Ordinal) || policy.EndsWith(".toml", StringComparison.Ordinal) ? [] : [.. KnownMount.All().Where(static mount => mount.IsMounted)];
        return up is [var only] ? only.MountPoint : null;
    }
}

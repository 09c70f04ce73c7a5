using ClawOS.Cli.Mounts;
using ClawOS.Cli.Policies;
using ClawOS.Security.Policy;

namespace ClawOS.Cli.Sandboxes;

/// <summary>The mount whose policies a sandbox follows while it runs.</summary>
internal static class FollowedMount
{
    private const string Active = "policy/active";

    /// <summary>The mount, if a policy of this name is active there.</summary>
    /// <param name="directory">The mount that was named; null: the only one that is up.</param>
    /// <param name="policy">As it was named. One that is named by its file is no mount's.</param>
    /// <returns>The mount point and the policy; null: no mount has it.</returns>
    /// <exception cref="CliException">Nothing is mounted at the folder that was named, or it has no such policy.</exception>
    internal static (string Mount, NamedPolicy Policy)? Find(string? directory, string policy)
    {
        bool isFile = policy.Contains('/', StringComparison.Ordinal) || policy.EndsWith(PolicyFile.Extension, StringComparison.Ordinal);
        if (directory is not null)
        {
            KnownMount named = KnownMount.Choose(directory);
            return !named.IsMounted ? throw new CliException(ExitCodes.NotFound, $"{directory}: nothing is mounted there")
                : isFile ? null
                : In(named.MountPoint, policy) ?? throw new CliException(ExitCodes.NotFound, $"{policy}: no such policy in {Path.Join(named.MountPoint, Active)}");
        }

        KnownMount[] up = isFile ? [] : [.. KnownMount.All().Where(static mount => mount.IsMounted)];
        return up is [var only] ? In(only.MountPoint, policy) : null;
    }

    private static (string Mount, NamedPolicy Policy)? In(string mount, string policy)
    {
        string folder = Path.Join(mount, Active);
        if (!File.Exists(Path.Join(folder, policy + PolicyFile.Extension)))
        {
            return null;
        }

        PolicySet set = PolicySet.Empty.With(Directory.EnumerateFiles(folder, "*" + PolicyFile.Extension).Select(static path => (path, PolicyFile.Parse(File.ReadAllBytes(path), path))));
        return (mount, new NamedPolicy(set, policy));
    }
}

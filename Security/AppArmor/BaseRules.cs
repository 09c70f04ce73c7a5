using ClawOS.Security.Policy;

namespace ClawOS.Security.AppArmor;

/// <summary>What every profile has, whatever its policy: what every sandbox has of its own (docs/policy.md), and what its processes may do to each other.</summary>
internal static class BaseRules
{
    private const string Claw = "/claw";

    private static readonly SourceLine s_here = new("every sandbox", 1);

    internal static IReadOnlyList<PathRule> All { get; } =
    [
        Tree("/proc", PathAccess.Read),
        new PathRule("/dev", IsTree: false, PathAccess.Read, IsDenied: false, s_here),
        .. ((string[])["null", "zero", "full", "random", "urandom", "tty"]).Select(node => new PathRule($"/dev/{node}", IsTree: false, PathAccess.Read | PathAccess.Write, IsDenied: false, s_here)),
        Tree("/dev/shm", PathAccess.Read | PathAccess.Write),
        Tree("/tmp", PathAccess.Read | PathAccess.Write),
    ];

    /// <summary>
    /// What leads to what is granted in ClawOS: the names of the sandbox's /claw, its README and its launch socket. Whether they are there is the view's, whose other layers narrow this as they do without a profile.
    /// </summary>
    internal static IEnumerable<PathRule> Above(EffectivePolicy policy)
    {
        if (!policy.UsesClaw && !policy.UsesLaunchSocket)
        {
            return [];
        }

        SortedSet<string> folders = new(StringComparer.Ordinal) { Claw, Claw + "/run" };
        foreach (string path in policy.Paths.Where(static rule => !rule.IsDenied && !rule.IsGlob).Select(static rule => rule.Path).Where(static path => path.StartsWith(Claw + "/", StringComparison.Ordinal)))
        {
            for (int slash = path.IndexOf('/', Claw.Length + 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            {
                _ = folders.Add(path[..slash]);
            }
        }

        return [.. folders.Select(static folder => File(folder, PathAccess.Read)), File(Claw + "/README", PathAccess.Read), File(Claw + "/run/launch", PathAccess.Read | PathAccess.Write)];
    }

    /// <summary>Sockets between processes, with whoever handed one in and among themselves; signals from anywhere and to their own; nobody traces and nobody else is traced.</summary>
    internal const string Others = """
          network unix,
          unix (create, getattr, setattr, getopt, setopt, shutdown, bind, listen, send, receive),
          unix (connect, accept) peer=(label=@{profile_name}),
          signal (receive),
          signal (send) peer=@{profile_name},
          ptrace (read, readby) peer=@{profile_name},

        """;

    private static PathRule File(string path, PathAccess access) => new(path, IsTree: false, access, IsDenied: false, s_here);

    private static PathRule Tree(string path, PathAccess access) => new(path, IsTree: true, access, IsDenied: false, s_here);
}

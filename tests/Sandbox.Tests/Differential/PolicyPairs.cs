using ClawOS.Security.Policy;

namespace Sandbox.Tests.Differential;

/// <summary>
/// Random policies over a small tree of files, and questions about each whose answer depends on no more than the policy: the same pairs can be asked of the evaluator, of a
/// sandbox, and of whatever enforces policies in a guest.
/// </summary>
/// <param name="random">Where chance comes from; the seed is printed by whoever makes it.</param>
/// <param name="workspace">The folder in which the tree stands.</param>
internal sealed class PolicyPairs(Random random, string workspace)
{
    private static readonly string[] Names = ["a", "b", "c"];

    /// <summary>Every file of the tree, by its path below the workspace; all are 0755 and hold what no kernel executes.</summary>
    internal static IReadOnlyList<string> Files => [.. Folders.SelectMany(folder => new[] { "x", "y" }.Select(file => $"{folder}/{file}".TrimStart('/')))];

    /// <summary>Every folder; "" is the workspace.</summary>
    internal static IReadOnlyList<string> Folders => [.. Names.Prepend("").SelectMany(first => first.Length == 0 ? [""] : Names.Select(second => $"{first}/{second}").Prepend(first))];

    /// <summary>Lays the tree out.</summary>
    internal void Make()
    {
        foreach (string file in Files)
        {
            string path = Path.Combine(workspace, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "no program");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
    }

    /// <summary>A policy as TOML, without rules that could never take effect: those are refused.</summary>
    /// <param name="profile">The profile of system calls.</param>
    /// <param name="additions">Calls beyond it.</param>
    internal string Policy(string profile, IEnumerable<string> additions)
    {
        string[] denied = [.. Some(random.Next(3))], unwritable = [.. Some(random.Next(3))];
        string[] Kept(int most, params string[][] denials) => [.. Some(random.Next(most)).Where(rule => !denials.SelectMany(list => list).Any(denial => Covers(denial, rule)))];
        string[] read = Kept(6, denied), write = Kept(5, denied, unwritable), execute = Kept(4, denied);
        return $"""
            [paths]
            read = [{Paths(["/usr/**", .. read])}]
            execute = [{Paths(["/usr/**", .. execute])}]
            {(write.Length > 0 ? $"write = [{Paths(write)}]" : "")}
            {(denied.Length > 0 ? $"deny = [{Paths(denied)}]" : "")}
            {(unwritable.Length > 0 ? $"deny_write = [{Paths(unwritable)}]" : "")}
            [syscalls]
            profile = "{profile}"
            {(additions.Any() ? $"allow = [{string.Join(", ", additions.Select(name => $"\"{name}\""))}]" : "")}
            """;
    }

    /// <summary>A question about a file of the tree, or about a new one in it.</summary>
    internal (string Path, PathAccess Access) Question()
    {
        PathAccess access = (PathAccess)(1 << random.Next(3));
        string path = access == PathAccess.Write && random.Next(4) == 0
            ? $"{Folders[random.Next(Folders.Count)]}/new".TrimStart('/')
            : Files[random.Next(Files.Count)];
        return (Path.Combine(workspace, path), access);
    }

    private IEnumerable<string> Some(int count) => Enumerable.Range(0, count)
        .Select(_ => random.Next(2) == 0 ? Files[random.Next(Files.Count)] : $"{Folders[random.Next(Folders.Count)]}/**".TrimStart('/'))
        .Distinct()
        .ToArray();

    private static bool Covers(string denial, string rule) =>
        denial == rule || denial == "**" || (denial.EndsWith("/**", StringComparison.Ordinal) && rule.StartsWith(denial[..^2], StringComparison.Ordinal));

    private static string Paths(IEnumerable<string> paths) => string.Join(", ", paths.Select(path => path.StartsWith('/') ? $"\"{path}\"" : $"\"$WORKSPACE/{path}\""));
}

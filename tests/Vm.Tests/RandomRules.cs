using ClawOS.Security.Policy;

namespace Vm.Tests;

/// <summary>Policies and questions over a small world of awkward names, so that they meet often.</summary>
internal sealed class RandomRules(Random random)
{
    internal const string World = "/w";

    private static readonly string[] Names = ["a", "b .$+|(c)&!%<>~", "q\"t", "x[1]{y}", "é", "漢,^", "@{HOME}#"];
    private static readonly SourceLine Here = new("random.toml", 1);

    internal static IEnumerable<string> Folders => Below(World).SelectMany(folder => (string[])[folder, .. Below(folder)]);

    internal static IEnumerable<string> Files => Below(World).SelectMany(Below).SelectMany(Below);

    internal IReadOnlyList<PathRule> Rules() => [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Rule())];

    /// <summary>Folders are read; files are read, written and executed, the last seldom because it takes long.</summary>
    internal (string Path, PathAccess Access) Question()
    {
        int kind = random.Next(20);
        int depth = kind < 4 ? random.Next(0, 3) : 3;
        string path = World + string.Concat(Enumerable.Range(0, depth).Select(_ => "/" + Pick(Names)));
        return (path, kind < 10 ? PathAccess.Read : kind < 18 ? PathAccess.Write : PathAccess.Execute);
    }

    private PathRule Rule()
    {
        string[] segments = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(Names))];
        bool isGlob = random.Next(3) == 0;
        bool isDenied = random.Next(4) == 0;
        if (isGlob)
        {
            int at = random.Next(segments.Length);
            segments[at] = random.Next(6) switch
            {
                0 => "*",
                1 => "?",
                2 => "**",
                // "é" is two bytes and one character. Not in what is denied: there a profile says more (docs/apparmor.md).
                3 when !isDenied => "??",
                4 => segments[at][..1] + "*",
                _ => "*" + segments[at][^1],
            };
            // The trailing tree of a pattern stays a part of it.
            if (random.Next(4) == 0 && segments[^1] != "**")
                segments = [.. segments, "**"];
        }

        string path = $"{World}/{string.Join('/', segments)}";
        bool isTree = !isGlob && random.Next(2) == 0;
        // "/w/**" without other stars is what policies call a tree.
        if (isGlob && path == World + "/**")
            (path, isGlob, isTree) = (World, false, true);
        if (isGlob && path.EndsWith("/**", StringComparison.Ordinal) && !path[..^3].AsSpan().ContainsAny('*', '?'))
            (path, isGlob, isTree) = (path[..^3], false, true);
        return new PathRule(path, isTree, (PathAccess)random.Next(1, 8), isDenied, Here) { IsGlob = isGlob };
    }

    private static IEnumerable<string> Below(string folder) => Names.Select(name => $"{folder}/{name}");

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}

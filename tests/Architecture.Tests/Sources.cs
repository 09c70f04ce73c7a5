using System.Xml.Linq;

namespace Architecture.Tests;

/// <summary>The source tree as files: what the rules are checked against.</summary>
internal static class Sources
{
    internal static string Root { get; } = FindRoot();

    /// <summary>Every project, by its path without ".csproj", like "ClawFS/Linux".</summary>
    internal static IReadOnlyDictionary<string, XDocument> Projects { get; } = Folders("ClawFS", "Security", "Agent", "tests", "bench")
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.csproj", SearchOption.AllDirectories))
        .Where(IsOurs)
        .ToDictionary(Name, path => XDocument.Load(path));

    /// <summary>Every C# file, as a path from the root.</summary>
    internal static IReadOnlyList<string> Files { get; } =
    [
        .. Folders("ClawFS", "Security", "Agent", "tests", "bench")
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Where(IsOurs)
            .Select(path => Path.GetRelativePath(Root, path))
            .Order(StringComparer.Ordinal),
    ];

    internal static IEnumerable<string> Product => Files.Where(file => !file.StartsWith("tests/", StringComparison.Ordinal) && !file.StartsWith("bench/", StringComparison.Ordinal));

    internal static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    internal static bool IsBelow(string file, IEnumerable<string> folders) =>
        folders.Any(folder => file.StartsWith(folder + "/", StringComparison.Ordinal));

    /// <summary>The names of the projects that a project names, from its own references.</summary>
    internal static IEnumerable<string> References(string project) => Projects[project]
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFullPath(reference.Attribute("Include")!.Value.Replace('\\', '/'), Path.Combine(Root, project)))
        .Select(Name);

    private static string Name(string path) => Path.GetRelativePath(Root, Path.GetDirectoryName(path)!);

    private static bool IsOurs(string path) => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal);

    private static IEnumerable<string> Folders(params string[] names) => names.Select(name => Path.Combine(Root, name)).Where(Directory.Exists);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClawOS.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("ClawOS.sln is not above the tests");
    }
}

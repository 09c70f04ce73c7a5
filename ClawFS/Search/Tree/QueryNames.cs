namespace ClawFS.Search.Tree;

/// <summary>
/// Which names of search/ are questions. Editors, build tools, shells and version control look up names of their own in every folder; these are no questions and
/// do not exist (measured: vim looks for what it is to write, make for makefiles, many programs for dot-names).
/// </summary>
internal static class QueryNames
{
    private static readonly HashSet<string> Probes = new(StringComparer.OrdinalIgnoreCase)
    {
        "Makefile", "GNUmakefile", "configure", "Cargo.toml", "package.json", "node_modules", "tags", "cscope.out", "compile_commands.json", "CMakeLists.txt",
        "HEAD", "autorun.inf", "desktop.ini", "Thumbs.db", "lost+found", "4913", "tsconfig.json", "pyproject.toml", "setup.py", "go.mod",
        "RCS", "SCCS", "CVS", "_darcs", "Dockerfile", "Gemfile", "Rakefile", "pom.xml", "build.gradle",
    };

    /// <summary>Endings of files that programs look for beside the one they were given.</summary>
    private static readonly string[] Endings =
        ["~", ".swp", ".swo", ".swx", ".swpx", ".tmp", ".bak", ".orig", ".rej", ".lock", ".o", ".so", ".a", ".pyc", ".c", ".h", ".md", ".txt", ".tsv", ".py", ".cs", ".mk", ".zwc"];

    /// <summary>Whether a looked-up name is a question.</summary>
    public static bool IsQuery(string name) =>
        name.Length != 0
        && name[0] is not ('.' or '#' or '~')
        && (name.Contains(' ', StringComparison.Ordinal) || !HasProbeEnding(name))
        && !Probes.Contains(name)
        && !name.All(char.IsAsciiDigit);

    private static bool HasProbeEnding(string name) => Endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}

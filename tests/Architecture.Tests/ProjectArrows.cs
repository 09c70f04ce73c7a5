namespace Architecture.Tests;

/// <summary>Which project may name which. ARCHITECTURE.md draws the same table; a new arrow is decided there, then added here.</summary>
public sealed class ProjectArrows
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["ClawFS/Linux"] = [],
        ["ClawFS/Crypto"] = ["ClawFS/Linux"],
        ["ClawFS/Vectors"] = ["ClawFS/Linux"],
        ["ClawFS/Vfs"] = ["ClawFS/Linux"],
        ["ClawFS/Store"] = ["ClawFS/Vfs", "ClawFS/Crypto", "ClawFS/Linux"],
        ["ClawFS/Fuse"] = ["ClawFS/Vfs", "ClawFS/Linux"],
        ["ClawFS/Trees"] = ["ClawFS/Store", "ClawFS/Vfs", "ClawFS/Linux"],
        ["ClawFS/Embedding"] = ["ClawFS/Linux"],
        ["ClawFS/Search"] = ["ClawFS/Embedding", "ClawFS/Store", "ClawFS/Vectors", "ClawFS/Vfs", "ClawFS/Linux"],
        ["ClawFS/Supervisor"] = ["ClawFS/Linux"],
        ["Security/Seccomp"] = [],
        ["Agent/Embed"] = ["ClawFS/Embedding", "ClawFS/Linux"],
        ["Agent/Cli"] = ["Agent/Embed", "ClawFS/Embedding", "ClawFS/Linux", "ClawFS/Crypto", "ClawFS/Vfs", "ClawFS/Store", "ClawFS/Fuse", "ClawFS/Search", "ClawFS/Trees", "ClawFS/Supervisor"],
    };

    [Fact]
    public void Every_product_project_is_in_the_table() =>
        Assert.Equal(Allowed.Keys.Order(), ProductProjects().Order());

    [Fact]
    public void No_project_names_another_than_the_table_allows() =>
        Rule.NoneBreaks(ProductProjects().SelectMany(project => Sources.References(project)
            .Except(Allowed.GetValueOrDefault(project, []))
            .Select(reference => $"{project} -> {reference}")));

    [Fact]
    public void No_product_project_names_a_test_project() =>
        Assert.DoesNotContain(ProductProjects().SelectMany(Sources.References), reference => reference.StartsWith("tests", StringComparison.Ordinal));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = Sources.Read("ClawOS.sln").Replace('\\', '/');
        Rule.NoneBreaks(Sources.Projects.Keys.Where(project => !solution.Contains($"{project}/", StringComparison.Ordinal)));
    }

    [Fact]
    public void References_are_not_passed_on()
    {
        Assert.Contains("<DisableTransitiveProjectReferences>true<", Sources.Read("Directory.Build.props"), StringComparison.Ordinal);
        Rule.NoneBreaks(Sources.Projects.Where(pair => pair.Value.Descendants("DisableTransitiveProjectReferences").Any()).Select(pair => pair.Key));
    }

    private static IEnumerable<string> ProductProjects() => Sources.Projects.Keys
        .Where(project => !project.StartsWith("tests", StringComparison.Ordinal) && !project.StartsWith("bench", StringComparison.Ordinal));
}

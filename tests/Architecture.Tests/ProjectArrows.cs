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
        ["Security/Policy"] = [],
        ["Security/Sandbox"] = ["Security/Policy", "Security/Seccomp", "Security/Cgroups", "ClawFS/Linux"],
        ["Security/Trees"] = ["Security/Policy", "ClawFS/Vfs", "ClawFS/Linux"],
        ["Security/Exec"] = [],
        ["Security/GuardLink"] = ["ClawFS/Linux"],
        ["Security/Guard"] = ["Security/AppArmor", "Security/GuardLink", "Security/Policy", "Security/Sandbox", "Security/Cgroups", "ClawFS/Linux"],
        ["Security/AppArmor"] = ["Security/Policy"],
        ["Security/Seccomp"] = [],
        ["Security/Cgroups"] = ["ClawFS/Linux"],
        ["Agent/Embed"] = ["ClawFS/Embedding", "ClawFS/Linux"],
        ["Agent/Cli"] = ["Agent/Embed", "ClawFS/Crypto", "ClawFS/Embedding", "ClawFS/Fuse", "ClawFS/Linux", "ClawFS/Search", "ClawFS/Store", "ClawFS/Supervisor", "ClawFS/Trees", "ClawFS/Vfs", "Security/AppArmor", "Security/Cgroups", "Security/Guard", "Security/GuardLink", "Security/Policy", "Security/Sandbox", "Security/Trees"],
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

    /// <summary>Between clone and execve nothing of the runtime may be touched: the launcher has only the layout of its plan in common with the rest.</summary>
    [Fact]
    public void The_launcher_of_sandboxes_compiles_the_layout_of_plans_in_and_nothing_else() =>
        Assert.Equal(["../Sandbox/Layout/*.cs"], Sources.Projects["Security/Exec"].Descendants("Compile").Select(item => item.Attribute("Include")!.Value));

    [Fact]
    public void References_are_not_passed_on()
    {
        Assert.Contains("<DisableTransitiveProjectReferences>true<", Sources.Read("Directory.Build.props"), StringComparison.Ordinal);
        Rule.NoneBreaks(Sources.Projects.Where(pair => pair.Value.Descendants("DisableTransitiveProjectReferences").Any()).Select(pair => pair.Key));
    }

    private static IEnumerable<string> ProductProjects() => Sources.Projects.Keys
        .Where(project => !project.StartsWith("tests", StringComparison.Ordinal) && !project.StartsWith("bench", StringComparison.Ordinal));
}

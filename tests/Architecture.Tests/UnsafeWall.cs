using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>Native code and raw memory stay behind the wall: two projects of the product, the launcher of sandboxes, which runs where no managed code can, and the vector index, which has a native heap of its own.</summary>
public sealed partial class UnsafeWall
{
    private static readonly string[] Inside = ["ClawFS/Linux", "ClawFS/Fuse", "ClawFS/Vectors", "Security/Exec"];

    [Fact]
    public void Only_the_projects_inside_the_wall_allow_unsafe_code() =>
        Rule.NoneBreaks(Sources.Projects
            .Where(pair => pair.Value.Descendants("AllowUnsafeBlocks").Any(element => element.Value == "true"))
            .Select(pair => pair.Key)
            .Where(project => !project.StartsWith("tests/", StringComparison.Ordinal) && project != "bench")
            .Except(Inside));

    [Fact]
    public void Unsafe_code_is_off_unless_a_project_says_otherwise() =>
        Assert.Contains("<AllowUnsafeBlocks>false<", Sources.Read("Directory.Build.props"), StringComparison.Ordinal);

    [Fact]
    public void Native_functions_are_declared_inside_the_wall_only_and_not_by_the_index() =>
        Rule.NoneBreaks(Sources.Product
            .Where(file => !Sources.IsBelow(file, Inside) || Sources.IsBelow(file, ["ClawFS/Vectors"]))
            .Where(file => NativeDeclaration().IsMatch(Sources.Read(file))));

    [Fact]
    public void Raw_memory_access_stays_inside_the_wall() =>
        Rule.NoneBreaks(Outside().Where(file => RawMemory().IsMatch(Sources.Read(file))));

    [Fact]
    public void DllImport_is_used_nowhere() =>
        Rule.NoneBreaks(Sources.Product.Where(file => Sources.Read(file).Contains("[DllImport", StringComparison.Ordinal)));

    private static IEnumerable<string> Outside() => Sources.Product.Where(file => !Sources.IsBelow(file, Inside));

    [GeneratedRegex(@"\[(LibraryImport|DllImport|UnmanagedCallersOnly)|using (static )?Tmds\.Linux")]
    private static partial Regex NativeDeclaration();

    [GeneratedRegex(@"\bMemoryMarshal\b|\bUnsafe\.\w|\bMarshal\.(Copy|Read|Write|PtrTo|AllocHGlobal)|\bNativeMemory\b")]
    private static partial Regex RawMemory();
}

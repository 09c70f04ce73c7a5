using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>The rules of CONTRIBUTING.md that a machine can check.</summary>
public sealed partial class SourceRules
{
    private const int MaxLines = 500;
    private const int MedianLines = 120;

    [Fact]
    public void No_file_is_longer_than_500_lines() =>
        Rule.NoneBreaks(Sources.Files.Where(file => Lines(file) > MaxLines));

    [Fact]
    public void The_median_file_is_shorter_than_120_lines()
    {
        int[] lengths = [.. Sources.Product.Select(Lines).Order()];
        Assert.True(lengths[lengths.Length / 2] < MedianLines, $"the median is {lengths[lengths.Length / 2]}");
    }

    [Fact]
    public void No_file_has_a_region_or_a_note_to_do_it_later() =>
        Rule.NoneBreaks(Sources.Files.Where(file => LeftOver().IsMatch(Sources.Read(file))));

    [Fact]
    public void No_type_hides_its_job_behind_a_name_that_fits_everything() =>
        Rule.NoneBreaks(Sources.Files.Select(Path.GetFileNameWithoutExtension).Where(name => EmptyName().IsMatch(name!)));

    [Fact]
    public void No_catch_is_empty() =>
        Rule.NoneBreaks(Sources.Files.Where(file => EmptyCatch().IsMatch(Sources.Read(file))));

    /// <summary>One place may: fs gives memory back when a busy time is over, because an idle service never allocates and so would never collect.</summary>
    [Fact]
    public void Nobody_forces_a_collection_but_the_service_that_falls_idle() =>
        Rule.NoneBreaks(Sources.Product.Where(file => Sources.Read(file).Contains("GC" + ".Collect", StringComparison.Ordinal)
            && !file.EndsWith("Agent/Cli/Services/MountedStore.cs", StringComparison.Ordinal)));

    [Fact]
    public void The_file_system_side_has_no_network_client() =>
        Rule.NoneBreaks(Sources.Product
            .Where(file => file.StartsWith("ClawFS/", StringComparison.Ordinal))
            .Where(file => Network().IsMatch(Sources.Read(file))));

    [Fact]
    public void Package_versions_stand_in_one_file() =>
        Rule.NoneBreaks(Sources.Projects
            .Where(pair => pair.Value.Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null))
            .Select(pair => pair.Key));

    private static int Lines(string file) => Sources.Read(file).Count(character => character == '\n');

    [GeneratedRegex(@"^\s*#region|\bTO" + @"DO\b|\bFIX" + @"ME\b|\bHACK\b", RegexOptions.Multiline)]
    private static partial Regex LeftOver();

    [GeneratedRegex("(Manager|Helper|Helpers|Utils|Util|Utility|Wrapper)$")]
    private static partial Regex EmptyName();

    // A swallowed exception carries its reason as a comment, which makes the block not empty.
    [GeneratedRegex(@"\bcatch\s*(\([^)]*\))?\s*(when\s*\((?:[^()]|\([^()]*\))*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    [GeneratedRegex(@"System\.Net\.Http|\bHttpClient\b|\bTcpClient\b|\bTcpListener\b|AddressFamily\.InterNetwork")]
    private static partial Regex Network();
}

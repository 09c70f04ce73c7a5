using System.Text.RegularExpressions;

namespace Policy.Tests;

/// <summary>The texts that are held against the parser: the reference and the policies that come with the program.</summary>
internal static partial class Documents
{
    internal static string Root { get; } = FindRoot();

    internal static string Reference => File.ReadAllText(Path.Combine(Root, "docs", "policy.md"));

    internal static string Schema => File.ReadAllText(Path.Combine(Root, "docs", "policy.schema.json"));

    /// <summary>Every example of the reference.</summary>
    internal static IReadOnlyList<string> Examples() => [.. Example().Matches(Reference).Select(match => match.Groups[1].Value)];

    internal static IReadOnlyList<string> Shipped() => [.. Directory.EnumerateFiles(Path.Combine(Root, "Security", "Policy", "Shipped")).Order().Select(File.ReadAllText)];

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClawOS.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("ClawOS.sln is not above the tests");
    }

    [GeneratedRegex("```toml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}

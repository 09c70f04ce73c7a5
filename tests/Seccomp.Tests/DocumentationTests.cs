using System.Runtime.InteropServices;
using System.Text;

namespace ClawOS.Security.Seccomp.Tests;

/// <summary>What docs/seccomp.md shows is what the code makes. CLAW_REGENERATE=1 writes it anew.</summary>
public sealed class DocumentationTests
{
    private static readonly string s_page = Path.Combine(Root(), "docs", "seccomp.md");

    [Fact]
    public void The_listing_of_the_example_is_what_the_compiler_makes_of_it()
    {
        SeccompProfile example = SeccompProfile.Parse(Between("```json\n", "```"), "example.json");
        Hold("listing", $"```\n{FilterListing.Render(SeccompCompiler.Compile(example, Architecture.X64), Architecture.X64)}```\n");
    }

    [Fact]
    public void The_sizes_of_the_shipped_profiles_are_told_as_they_are()
    {
        StringBuilder table = new("| profile | x86_64: calls, instructions | aarch64: calls, instructions |\n|---|---|---|\n");
        foreach (string name in ShippedProfiles.Names)
        {
            SeccompProfile profile = ShippedProfiles.Load(name);
            string Size(Architecture architecture) => $"{profile.Allowed(architecture).Count}, {FilterListing.Count(SeccompCompiler.Compile(profile, architecture))}";
            table.Append($"| `{name}` | {Size(Architecture.X64)} | {Size(Architecture.Arm64)} |\n");
        }

        Hold("sizes", table.ToString());
    }

    [Fact]
    public void The_reasons_of_the_shipped_profiles_are_told_as_they_are()
    {
        StringBuilder text = new();
        foreach (SeccompProfile profile in ShippedProfiles.Names.Select(ShippedProfiles.Load).Concat(ServiceProfiles.Names.Select(ServiceProfiles.Load)))
        {
            string name = profile.Name;
            text.Append($"### {name}\n{profile.Comment} Everything else: {profile.DefaultAction}.\n\n| answer | calls | why |\n|---|---|---|\n");
            foreach (SyscallGroup group in profile.Groups)
            {
                string conditions = string.Concat(group.Arguments.Select(Condition));
                text.Append($"| {group.Action}{conditions} | {string.Join(' ', group.Names)} | {group.Comment} |\n");
            }

            text.Append('\n');
        }

        Hold("reasons", text.ToString());
    }

    private static string Condition(ArgumentTest test) => test.Comparison == Comparison.MaskedEqual
        ? $", if argument {test.Index} & 0x{test.Value:x} is 0x{test.ValueTwo:x}"
        : $", if argument {test.Index} {test.Comparison} 0x{test.Value:x}";

    private static void Hold(string part, string text)
    {
        string begin = $"<!-- begin {part} -->\n", end = $"<!-- end {part} -->";
        string found = Between(begin, end);
        if (Environment.GetEnvironmentVariable("CLAW_REGENERATE") == "1")
        {
            File.WriteAllText(s_page, File.ReadAllText(s_page).Replace(begin + found + end, begin + text + end, StringComparison.Ordinal));
            found = Between(begin, end);
        }

        Assert.Equal(text, found);
    }

    private static string Between(string begin, string end)
    {
        string page = File.ReadAllText(s_page);
        int from = page.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(from >= 0, $"{s_page} has no {begin}");
        from += begin.Length;
        return page[from..page.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "ClawOS.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("ClawOS.sln is not above the tests");
    }
}

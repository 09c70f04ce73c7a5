using ClawOS.Security.Policy;
using ClawOS.Security.Policy.Language;

namespace Policy.Tests.Reading;

/// <summary>docs/policy.md is true: its examples compile, and every key has one.</summary>
public sealed class ReferenceTests
{
    public static TheoryData<string> Examples => [.. Documents.Examples()];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_of_the_reference_compiles(string text)
    {
        PolicyReading reading = PolicyFile.Parse(text, "example.toml");
        Assert.Empty(reading.Errors);
        bool needsAppArmor = text.Contains("AppArmor", StringComparison.Ordinal);
        Assert.Empty(PolicySet.Shipped.With([("example.toml", reading)]).Compile("example", new CompileOptions { Layers = needsAppArmor ? Layers.Stock | Layers.AppArmor : Layers.Stock }).Errors);
    }

    [Fact]
    public void Every_key_is_described_under_its_own_heading_with_an_example()
    {
        string[] parts = Documents.Reference.Split("\n### ");
        foreach (PolicySection section in PolicyKeys.Sections)
        {
            foreach (PolicyKey key in section.Keys)
            {
                string name = section.Name.Length == 0 ? key.Name : $"{section.Header} {key.Name}";
                string part = Assert.Single(parts, text => text.StartsWith($"{name}\n", StringComparison.Ordinal));
                Assert.Matches($"```toml\n(?s:.*?)\\b{key.Name} = ", part);
            }
        }
    }
}

using ClawOS.Mounting;
using static ClawOS.Mounting.Programs;

namespace ClawOS.Mount.Tests.Policies;

/// <summary>A mount of its own with the shipped policies, and a policy mine.toml.</summary>
public sealed class PolicyMount : IDisposable
{
    public const string Good = "extends = \"coder\"\n[paths]\nread = [\"/usr/lib/**\"]\n";
    public const string Better = "extends = \"coder\"\n[paths]\nread = [\"/usr/share/**\"]\n";

    public ClawMount Claw { get; } = new ClawMount().Up();

    public string Root => Path.Combine(Claw.Mount, "policy");

    public string Active => Path.Combine(Root, "active");

    public string Mine => Path.Combine(Active, "mine.toml");

    public string Errors => File.ReadAllText(Path.Combine(Root, "errors"));

    /// <summary>The rules in effect of a policy, without what it inherits.</summary>
    public string[] Effective(string policy) =>
        [.. File.ReadLines(Path.Combine(Root, "effective")).Where(line => line.StartsWith(policy + " ", StringComparison.Ordinal) && line.Contains($" {policy}.toml:", StringComparison.Ordinal))];

    /// <summary>Whether mine.toml lets this folder be read, and is the one in effect.</summary>
    public void MustBe(string text, string folder)
    {
        Assert.Equal(text, File.ReadAllText(Mine));
        Assert.Contains(folder, Assert.Single(Effective("mine")), StringComparison.Ordinal);
    }

    /// <summary>Asks on one descriptor.</summary>
    public string Explain(string question) => Shell(Root, $"exec 3<>explain; echo '{question}' >&3; cat <&3").TrimEnd('\n');

    public void Dispose() => Claw.Dispose();
}

using ClawOS.Security.Policy;
using Policy.Tests.Reading;

namespace Policy.Tests.Compiling;

/// <summary>Paths below /claw mean the ClawOS mount: its stored files can be named, nothing else of it, and not by a rule about the whole machine.</summary>
public sealed class ClawPathTests
{
    [Theory]
    [InlineData("/claw")]
    [InlineData("/claw/**")]
    [InlineData("/claw/sys/**")]
    [InlineData("/claw/.views/**")]
    [InlineData("/claw/approvals/**")]
    [InlineData("/claw/memoryx")]
    public void What_is_not_stored_cannot_be_named(string path)
    {
        PolicyError error = Assert.Single(PolicyFile.Parse($"[paths]\nread = [\"{path}\"]", "test.toml").Errors);
        Assert.StartsWith("of /claw only what is stored can be named", error.Message, StringComparison.Ordinal);
        Assert.Equal((2, 9), (error.Line, error.Column));
    }

    [Theory]
    [InlineData("open-read /claw/memory/a/x", Verdict.Allowed)]
    [InlineData("open-write /claw/memory/a/x", Verdict.Denied)]
    [InlineData("open-read /claw/memory/b", Verdict.Denied)]
    [InlineData("open-read /claw/sys/health", Verdict.Denied)]
    [InlineData("open-read /claw", Verdict.Denied)]
    [InlineData("open-read /clawx", Verdict.Allowed)]
    [InlineData("open-read /srv", Verdict.Allowed)]
    public void A_rule_about_the_whole_machine_does_not_allow_the_mount(string question, Verdict verdict) =>
        Assert.Equal(verdict, Ask("[paths]\nread = [\"/**\", \"/claw/memory/a/**\"]", question));

    [Fact]
    public void A_denial_of_the_whole_machine_reaches_it() =>
        Assert.Equal(Verdict.Denied, Ask("[paths]\nread = [\"/claw/memory/a/**\"]\nwrite = []\ndeny_write = [\"/**\"]", "open-write /claw/memory/a/x"));

    [Fact]
    public void A_child_of_a_policy_about_the_whole_machine_may_not_add_it()
    {
        PolicySet set = PolicySet.Shipped.With([
            ("parent.toml", PolicyFile.Parse("[paths]\nread = [\"/**\"]", "parent.toml")),
            ("child.toml", PolicyFile.Parse("extends = \"parent\"\n[paths]\nread = [\"/claw/memory/**\"]", "child.toml"))]);
        Assert.Contains("is not within what the parent lets read", Assert.Single(set.Compile("child").Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("read = [\"/**\"]", false)]
    [InlineData("deny = [\"/claw/memory/a\"]", false)]
    [InlineData("read = [\"/claw/memory/a\"]", true)]
    public void A_policy_that_grants_something_there_has_a_view(string paths, bool has) => Assert.Equal(has, Compile("[paths]\n" + paths).UsesClaw);

    private static Verdict Ask(string text, string question) => new Explainer(Compile(text)).Explain(question).Verdict;

    private static EffectivePolicy Compile(string text) => Marked.SetOf(text).Compile("test").Policy!;
}

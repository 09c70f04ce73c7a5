using ClawOS.Security.Policy;

namespace Policy.Tests;

public sealed class PolicyErrorTests
{
    [Fact]
    public void An_error_shows_its_position_the_line_a_caret_and_a_way_out() =>
        Assert.Equal(
            "coder.toml:12:1: unknown key 'raed'\n  12 | raed = []\n     | ^^^^\n     = did you mean 'read'?",
            new PolicyError("coder.toml", 12, 1, 4, "unknown key 'raed'", "did you mean 'read'?", "raed = []").ToString());

    [Fact]
    public void The_caret_stands_below_the_word_behind_tabs() =>
        Assert.EndsWith("\n  3 | \tx = 1\n    | \t    ^", new PolicyError("a.toml", 3, 6, 1, "no", "", "\tx = 1").ToString(), StringComparison.Ordinal);
}

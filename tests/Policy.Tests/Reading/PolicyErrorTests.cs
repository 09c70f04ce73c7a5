using ClawOS.Security.Policy;

namespace Policy.Tests.Reading;

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

    [Fact]
    public void Of_a_long_line_the_part_around_the_caret_is_shown()
    {
        string[] shown = new PolicyError("a.toml", 1, 1001, 1, "no", "", new string('a', 1000) + "b" + new string('c', 1000)).ToString().Split('\n');
        Assert.Equal(166, shown[1].Length);
        Assert.Equal('b', shown[1][shown[2].IndexOf('^', StringComparison.Ordinal)]);
    }

    [Fact]
    public void What_a_policy_holds_cannot_steer_the_terminal()
    {
        string shown = PolicyFile.Parse("x = \"\u001b[31m\"\n\"\\u001b[2J\" = 1\ny = 1 # \u202e\u2066\u2028\n", "a.toml").Errors.Aggregate("", (text, error) => text + error);
        Assert.DoesNotContain('\u001b', shown);
        Assert.Equal(-1, shown.IndexOfAny(['\u202e', '\u2066', '\u2028']));
        shown = PolicyFile.Parse("yy = 1 # \u202e\u2066\u2028\n", "a.toml").Errors.Single().ToString();
        Assert.Equal(-1, shown.IndexOfAny(['\u202e', '\u2066', '\u2028']));
    }
}

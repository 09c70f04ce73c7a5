using ClawFS.Search.Query;

namespace ClawFS.Search.Tests.Query;

public sealed class TextMatchTests
{
    [Theory]
    [InlineData("An Exact\n  phrase here", "exact phrase", true)]
    [InlineData("start", "art", false)]
    [InlineData("state of the art.", "art", true)]
    [InlineData("鍵を回転する", "回転", true)]
    [InlineData("a b", "a  b", true)]
    [InlineData("ab", "a b", false)]
    [InlineData("x start art", "art", true)]
    public void A_phrase_is_found_whatever_case_and_blanks(string text, string phrase, bool found) =>
        Assert.Equal(found, TextMatch.Contains(TextMatch.Normalise(text), phrase));
}

using System.Text;
using ClawFS.Search.Text;

namespace ClawFS.Search.Tests.Text;

public sealed class PhraseMatchTests
{
    [Theory]
    [InlineData("rotate the keys", "How to Rotate the key safely", true)]
    [InlineData("rotate the keys", "the keys rotate", false)]
    [InlineData("a a b", "x a a a b", true)]
    [InlineData("東京都", "今日は東京都庁へ", true)]
    [InlineData("京東", "東京都", false)]
    [InlineData("one two", "one, (two)", true)]
    [InlineData("parseUrl now", "call parseUrl now", true)]
    [InlineData("", "anything", true)]
    [InlineData("x", "", false)]
    public void A_phrase_is_its_words_in_a_row(string phrase, string text, bool expected) =>
        Assert.Equal(expected, new PhraseMatch(phrase).IsIn(Encoding.UTF8.GetBytes(text), TextKind.Plain, MarkupState.Text));

    [Fact]
    public void A_phrase_of_10_000_words_is_answered() =>
        Assert.False(new PhraseMatch(string.Concat(Enumerable.Repeat("word other ", 5000))).IsIn("word other word"u8, TextKind.Plain, MarkupState.Text));
}

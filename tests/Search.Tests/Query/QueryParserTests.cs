using ClawFS.Search.Query;

namespace ClawFS.Search.Tests.Query;

public sealed class QueryParserTests
{
    [Fact]
    public void Words_are_words()
    {
        SearchQuery query = QueryParser.Parse("  how do I\trotate   credentials? ");
        Assert.Equal("how do I rotate credentials?", query.Text);
        Assert.False(query.HasConditions);
        Assert.Empty(query.Phrases);
    }

    [Fact]
    public void Filters_are_taken_out_of_the_words()
    {
        SearchQuery query = QueryParser.Parse("keys path:projects/x type:.MD tag:work after:2026-01-01 before:2026-06 rotate");
        Assert.Equal("keys rotate", query.Text);
        Assert.Equal(["projects/x"], query.Paths);
        Assert.Equal(["md"], query.Types);
        Assert.Equal(["work"], query.Tags);
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), query.After);
        Assert.Equal(new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero), query.Before);
    }

    [Fact]
    public void A_path_is_below_memory_whether_that_is_said_or_not()
    {
        Assert.Equal(["a/b"], QueryParser.Parse("path:/memory/a/b/").Paths);
        Assert.Equal([""], QueryParser.Parse("path:memory").Paths);
        Assert.Equal(["my notes"], QueryParser.Parse("path:\"my notes\" x").Paths);
    }

    [Fact]
    public void Quotes_make_a_phrase_that_also_ranks()
    {
        SearchQuery query = QueryParser.Parse("the \"exact phrase\" -draft -\"not this\"");
        Assert.Equal("the exact phrase", query.Text);
        Assert.Equal(["exact phrase"], query.Phrases);
        Assert.Equal(["draft", "not this"], query.Excluded);
    }

    [Theory]
    [InlineData("after:tomorrow", "after:tomorrow")]
    [InlineData("colour:red", "colour:red")]
    [InlineData("http://x.org/a", "http://x.org/a")]
    [InlineData("well-known - dash", "well-known - dash")]
    [InlineData("\"never closed", "never closed")]
    public void What_is_no_filter_is_a_word(string text, string words) => Assert.Equal(words, QueryParser.Parse(text).Text);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\"\"")]
    [InlineData("path:")]
    public void Nothing_is_nothing(string text) => Assert.True(QueryParser.Parse(text).IsEmpty);

    [Fact]
    public void Any_text_can_be_a_question()
    {
        Random random = Seed.Random();
        const string letters = "ab \"-:/\tpath:type:tag:after:é語😀\u05D0\0\n";
        for (int round = 0; round < 20_000; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => letters[random.Next(letters.Length)]));
            SearchQuery query = QueryParser.Parse(text);
            Assert.DoesNotContain(query.Phrases, phrase => phrase.Length == 0);
        }
        Assert.Equal(QueryParser.MaxLength, QueryParser.Parse(new string('x', QueryParser.MaxLength * 2)).Text.Length);
    }
}

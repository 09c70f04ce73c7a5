using ClawFS.Search.Tree;

namespace ClawFS.Search.Tests.Tree;

public sealed class QueryNamesTests
{
    [Theory]
    [InlineData(".git"), InlineData(".hidden words"), InlineData("Makefile"), InlineData("x.swp"), InlineData("notes.md~"), InlineData("foo.c"), InlineData("4913"), InlineData("7"), InlineData("#lock#")]
    public void What_programs_probe_is_no_question(string name) => Assert.False(QueryNames.IsQuery(name));

    [Theory]
    [InlineData("keys"), InlineData("how do I rotate credentials"), InlineData("what is in notes.md"), InlineData("鍵"), InlineData("😀"), InlineData("key rotation in 2026"), InlineData("C#")]
    public void Words_are_a_question(string name) => Assert.True(QueryNames.IsQuery(name));
}

using System.Text.RegularExpressions;
using ClawOS.Security.Policy.Values;

namespace Policy.Tests.Reading;

public sealed class GlobTests(ITestOutputHelper output)
{
    private const string Letters = "ab/*?";

    [Theory]
    [InlineData("/srv/*.txt", "/srv/a.txt", true)]
    [InlineData("/srv/*.txt", "/srv/a/b.txt", false)]
    [InlineData("/srv/**.txt", "/srv/a/b.txt", true)]
    [InlineData("/srv/?", "/srv//", false)]
    [InlineData("/*/x", "/a/x", true)]
    [InlineData("/**/x", "/a/b/x", true)]
    [InlineData("/**/x", "/x", false)]
    public void A_star_stays_in_its_segment_and_two_pass_over_slashes(string pattern, string path, bool matches) =>
        Assert.Equal(matches, Glob.IsMatch(pattern, path, Glob.Slash));

    [Fact]
    public void Matching_agrees_with_regular_expressions()
    {
        Random random = new(Seed.For(output));
        for (int i = 0; i < 20_000; i++)
        {
            string pattern = Text(random, Letters, 8);
            string text = Text(random, "ab/", 10);
            char separator = random.Next(2) == 0 ? Glob.Slash : Glob.None;
            string one = separator == Glob.Slash ? "[^/]" : ".";
            string expected = "^" + Regex.Replace(pattern, @"\*\*|\*|\?", found => found.Value switch { "**" => ".*", "*" => one + "*", _ => one }) + "$";
            Assert.True(Regex.IsMatch(text, expected) == Glob.IsMatch(pattern, text, separator), $"{pattern} and {text}");
        }
    }

    [Fact]
    public void A_pattern_covers_another_only_if_it_matches_whatever_that_matches()
    {
        Random random = new(Seed.For(output));
        int covered = 0;
        for (int i = 0; i < 40_000; i++)
        {
            string wide = Text(random, Letters, 6);
            string narrow = Text(random, Letters, 6);
            if (Glob.Covers(wide, narrow, Glob.Slash))
            {
                covered++;
                for (int j = 0; j < 20; j++)
                {
                    string text = Text(random, "ab/", 7);
                    Assert.True(!Glob.IsMatch(narrow, text, Glob.Slash) || Glob.IsMatch(wide, text, Glob.Slash), $"{wide} covers {narrow}, but {text}");
                }
            }
        }

        Assert.True(covered > 200, $"only {covered} pairs cover each other");
    }

    [Theory]
    [InlineData("/a/*", "/a/b", true)]
    [InlineData("/a/*", "/a/?", true)]
    [InlineData("/a/*", "/a/b*c", true)]
    [InlineData("/a/*", "/a/**", false)]
    [InlineData("/a/**", "/a/*/b", true)]
    [InlineData("/a/?", "/a/*", false)]
    public void Patterns_within_patterns_are_seen(string wide, string narrow, bool covers) => Assert.Equal(covers, Glob.Covers(wide, narrow, Glob.Slash));

    private static string Text(Random random, string letters, int length) =>
        new([.. Enumerable.Range(0, random.Next(length)).Select(_ => letters[random.Next(letters.Length)])]);
}

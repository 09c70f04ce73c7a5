using System.Text;
using ClawFS.Search.Query;
using ClawFS.Search.Text;

namespace ClawFS.Search.Tests.Query;

public sealed class SnippetTests
{
    [Fact]
    public void The_piece_with_most_words_of_the_question_is_shown_and_they_are_marked()
    {
        string text = "Nothing here. " + string.Concat(Enumerable.Repeat("filler text goes on ", 40)) + "then rotate the\ncredentials at once. " + string.Concat(Enumerable.Repeat("more of it ", 40));
        Snippet snippet = Make(text, "rotat", "rotate", "credential", "credentials");
        Assert.Contains("rotate the credentials", snippet.Text);
        Assert.Equal(["rotate", "credentials"], snippet.Marks.Select(mark => snippet.Text[mark.Start..mark.End]));
    }

    [Fact]
    public void Any_bytes_give_a_line_whose_marks_lie_in_it()
    {
        Random random = Seed.Random();
        HashSet<string> wanted = ["a", "b", "語", "日本"];
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(600)).Select(_ => "ab é語日本😀\n<>&;"[random.Next(14)])));
            for (int i = 0; i < bytes.Length / 50; i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }
            Snippet snippet = SnippetMaker.Make(bytes, (TextKind)(1 + random.Next(6)), MarkupState.Text, wanted);
            Assert.DoesNotContain(snippet.Text, char.IsControl);
            int at = 0;
            foreach ((int start, int end) in snippet.Marks)
            {
                Assert.InRange(start, at, end);
                Assert.InRange(end, start, snippet.Text.Length);
                at = end;
            }
        }
    }

    private static Snippet Make(string text, params string[] wanted) => SnippetMaker.Make(Encoding.UTF8.GetBytes(text), TextKind.Plain, MarkupState.Text, new HashSet<string>(wanted));
}

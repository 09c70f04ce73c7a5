using System.Text;
using ClawFS.Search.Text;

namespace ClawFS.Search.Tests.Text;

public sealed class ChunkerTests
{
    private static readonly string[] Fragments =
    [
        "# Title\n", "## Part two\n", "### Deep\n", "Setup\n=====\n", "Keys\n----\n", "\n", "\n\n", "```\n# no heading\n```\n", "some words in a line of text\n", "word ", "日本語の文章。",
        "<h2>Head</h2>", "<p>para</p>\n", "<script>if (a < b) { x(); }</script>", "<!-- note -->", "---\n", "public void Go()\n{\n    return;\n}\n", "\tclass A:\n", "a,b,c\n", "\r\n", "é", "x", "<", "--", "</scr",
    ];

    [Fact]
    public void Chunks_cover_a_file_exactly_once_and_their_lines_are_true()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 600; round++)
        {
            byte[] text = RandomText(random);
            TextKind kind = (TextKind)random.Next(1, 7);
            List<Chunk> chunks = Split(text, kind);
            long at = 0;
            foreach (Chunk chunk in chunks)
            {
                Assert.Equal(at, chunk.Start);
                Assert.InRange(chunk.Length, 1, ChunkRules.MaxBytes);
                int line = 1 + text.AsSpan(0, (int)at).Count((byte)'\n');
                Assert.Equal(line, chunk.FirstLine);
                Assert.Equal(line + text.AsSpan((int)at, chunk.Length - 1).Count((byte)'\n'), chunk.LastLine);
                at += chunk.Length;
            }

            Assert.Equal(text.Length, at);
        }
    }

    [Fact]
    public void How_a_file_is_cut_into_parts_changes_nothing()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 300; round++)
        {
            byte[] text = RandomText(random);
            TextKind kind = (TextKind)random.Next(1, 7);
            Chunker chunker = new(kind);
            List<Chunk> chunks = [];
            int from = 0, to = 0;
            while (to < text.Length)
            {
                to = Math.Min(text.Length, to + random.Next(1, 5000));
                from += chunker.Feed(text.AsSpan(from..to), to == text.Length, chunks);
                Assert.InRange(to - from, 0, Chunker.MaxRest);
            }

            Assert.Equal(Split(text, kind), text.Length == 0 ? [] : chunks);
        }
    }

    [Fact]
    public void Chunks_read_alone_give_the_terms_of_the_file()
    {
        Random random = Seed.Random();
        for (int round = 0; round < 200; round++)
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(400))
                .Select(_ => random.Next(3) == 0 ? "<h2>Some head</h2>" : random.Next(2) == 0 ? "<p>plain words here</p>\n" : "<script>" + new string('y', random.Next(6000)) + "\n</script>\n")));
            List<string> whole = Terms.Of(text, TextKind.Html);
            List<string> parts = [.. Split(text, TextKind.Html).SelectMany(chunk => Terms.Of(text.AsSpan((int)chunk.Start, chunk.Length), TextKind.Html, TermPurpose.Index, chunk.State))];
            Assert.Equal(whole, parts);
        }
    }

    [Fact]
    public void One_line_of_50_MB_is_cut()
    {
        byte[] text = new byte[50_000_000];
        text.AsSpan().Fill((byte)'x');
        List<Chunk> chunks = Split(text, TextKind.Plain);
        Assert.Equal(text.Length, chunks.Sum(static chunk => (long)chunk.Length));
        Assert.All(chunks, static chunk => Assert.Equal((1, 1), (chunk.FirstLine, chunk.LastLine)));
    }

    [Fact]
    public void Prose_is_cut_between_sentences_into_chunks_of_bounded_words()
    {
        string line = string.Concat(Enumerable.Repeat("This is one sentence of eight words here. ", 500));
        byte[] text = Encoding.UTF8.GetBytes(line);
        List<Chunk> chunks = Split(text, TextKind.Plain);
        Assert.InRange(chunks.Count, 4000 / ChunkRules.MaxWords, 4000 / 80);
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal((byte)' ', text[chunk.Start + chunk.Length - 1]));
        Assert.All(chunks.SkipLast(1), chunk => Assert.Equal((byte)'.', text[chunk.Start + chunk.Length - 2]));
    }

    [Theory]
    [InlineData(TextKind.Markdown, "# Setup\n@\n## Keys\n@\n## Users\n@\n# End\n@", "Setup|Setup > Keys|Setup > Users|End")]
    [InlineData(TextKind.Markdown, "Setup\n=====\n@\nKeys\n----\n@", "Setup|Setup > Keys")]
    [InlineData(TextKind.Markdown, "# A\n```\n# not one\n```\n@", "A")]
    [InlineData(TextKind.Markdown, "---\ntitle: x\n---\n@", "")]
    [InlineData(TextKind.Markdown, "# A\nfew words\n## B\n@", "A > B")]
    [InlineData(TextKind.Plain, "Intro\n=====\n\n@\n\nPart\n----\n\n@", "Intro|Intro > Part")]
    [InlineData(TextKind.Html, "<h1>Guide</h1><p>@</p><h2 id=\"k\">The <em>keys</em></h2><p>@</p>", "Guide|Guide > The keys")]
    [InlineData(TextKind.Code, "public class Door\n{\n    public void Open(int a)\n    {\n@    }\n}\n", "public class Door > public void Open(int a)")]
    [InlineData(TextKind.Csv, "# A\n@", "")]
    internal void The_heading_path_says_where_a_chunk_stands(TextKind kind, string text, string expected)
    {
        string words = string.Concat(Enumerable.Repeat("some words to fill the chunk\n", 20));
        List<Chunk> chunks = Split(Encoding.UTF8.GetBytes(text.Replace("@", words, StringComparison.Ordinal)), kind);
        Assert.Equal(expected, string.Join('|', chunks.Select(static chunk => chunk.Heading)));
    }

    [Fact]
    public void Nothing_is_no_chunk() => Assert.Empty(Split([], TextKind.Markdown));

    private static List<Chunk> Split(ReadOnlySpan<byte> text, TextKind kind)
    {
        List<Chunk> chunks = [];
        Chunker.Split(text, kind, chunks);
        return chunks;
    }

    private static byte[] RandomText(Random random)
    {
        if (random.Next(8) == 0)
        {
            byte[] noise = new byte[random.Next(20_000)];
            random.NextBytes(noise);
            return noise;
        }

        StringBuilder text = new();
        for (int i = random.Next(300); i > 0; i--)
        {
            string fragment = Fragments[random.Next(Fragments.Length)];
            for (int times = random.Next(20) == 0 ? random.Next(2000) : 1; times > 0; times--)
                text.Append(fragment);
            if (text.Length > 200_000)
                break;
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}

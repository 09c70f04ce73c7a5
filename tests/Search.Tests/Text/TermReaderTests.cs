using System.Text;
using ClawFS.Search.Text;

namespace ClawFS.Search.Tests.Text;

public sealed class TermReaderTests
{
    private static ReadOnlySpan<byte> Signs => "aB_9'.<>-/&;\\u{\"\u00e9"u8;

    [Theory]
    [InlineData("Rotating the keys", "rotat the key")]
    [InlineData("wings walked families quickly", "wing walk famil quick")]
    [InlineData("Café CAFÉ cafe Cafe\u0301", "cafe cafe cafe cafe")]
    [InlineData("Straße œuvre Ångström Łódź", "strasse oeuvre angstrom lodz")]
    [InlineData("Ελλάδα ΕΛΛΆΔΑ λόγος", "ελλαδα ελλαδα λογοσ")]
    [InlineData("Ёлка ЁЛКА елка Йод", "елка елка елка йод")]
    [InlineData("don't aircraft's O'Brien", "dont aircraft obrien")]
    [InlineData("שלום עולם", "שלום עולם")]
    [InlineData("مُحَمَّد أحمد", "محمد احمد")]
    [InlineData("version 1.2.3 of 10,000 and 3.14", "version 1.2.3 of 10 000 and 3.14 14")]
    [InlineData("c++ and C# and #include", "c++ and c# and include")]
    [InlineData("ｆｕｌｌ ＷＩＤＴＨ", "full width")]
    [InlineData("हिन्दी", "हिन्दी")]
    public void Words_are_folded_and_stemmed(string text, string expected) => Assert.Equal(expected, string.Join(' ', Terms.Of(text)));

    [Theory]
    [InlineData("parseHttpUrl", "parsehttpurl parse http url")]
    [InlineData("HTTPServer", "httpserver http server")]
    [InlineData("URLs", "url")]
    [InlineData("max_chunk_bytes", "max_chunk_bytes max chunk byt")]
    [InlineData("__init__", "init")]
    [InlineData("sha256", "sha256")]
    [InlineData("GitHub", "github git hub")]
    [InlineData("os.path.join", "os path join")]
    public void Identifiers_are_kept_whole_and_split(string text, string expected) => Assert.Equal(expected, string.Join(' ', Terms.Of(text, TextKind.Code)));

    [Theory]
    [InlineData("東京都", "東 東京 京 京都 都", "東京 京都")]
    [InlineData("猫", "猫", "猫")]
    [InlineData("カタカナ", "カタ タカ カナ", "カタ タカ カナ")]
    [InlineData("食べる", "食 食べ べる", "食べ べる")]
    [InlineData("한국어 말", "한국 국어 말", "한국 국어 말")]
    [InlineData("ไทย", "ไท ทย", "ไท ทย")]
    [InlineData("GPT模型v2", "gpt 模 模型 型 v2", "gpt 模型 v2")]
    public void Text_without_spaces_is_pairs_of_characters(string text, string indexed, string asked)
    {
        Assert.Equal(indexed, string.Join(' ', Terms.Of(text)));
        Assert.Equal(asked, string.Join(' ', Terms.Of(text, TextKind.Plain, TermPurpose.Query)));
    }

    [Theory]
    [InlineData("done 🎉!", "done 🎉")]
    [InlineData("👍🏽👍", "👍 👍")]
    [InlineData("🇩🇪🇫🇷", "🇩🇪 🇫🇷")]
    [InlineData("❤️", "❤")]
    [InlineData("👩‍💻", "👩 💻")]
    public void Emoji_are_terms(string text, string expected) => Assert.Equal(expected, string.Join(' ', Terms.Of(text)));

    [Theory]
    [InlineData("<p>Hello <b>wor</b>ld</p>", "hello wor ld")]
    [InlineData("<script>var a = '<p>x</p>';</script>after", "after")]
    [InlineData("<style>p { color: red }</style>after", "after")]
    [InlineData("<!-- not <b>this</b> -->after", "after")]
    [InlineData("a < b &amp; c", "a b c")]
    [InlineData("<a href=\"secret\">shown</a>", "shown")]
    [InlineData("text<never closed", "text")]
    public void Only_text_counts_in_html(string text, string expected) => Assert.Equal(expected, string.Join(' ', Terms.Of(text, TextKind.Html)));

    [Theory]
    [InlineData("""{"name": "line\nbreak"}""", "name line break")]
    [InlineData("""{"name": "caf\u00e9"}""", "name cafe")]
    [InlineData("""["\u6771\u4eac"]""", "東 東京 京")]
    [InlineData("""["\ud83c\udf89"]""", "🎉")]
    [InlineData("""["\ud83c"]""", "")]
    public void Escapes_in_json_are_read(string text, string expected) => Assert.Equal(expected, string.Join(' ', Terms.Of(text, TextKind.Json)));

    [Fact]
    public void The_place_of_a_word_is_known()
    {
        byte[] text = Encoding.UTF8.GetBytes("Été à Paris's parseUrl");
        TermReader reader = new(text, TextKind.Plain, MarkupState.Text, TermPurpose.Index, stackalloc byte[TermReader.ScratchBytes]);
        List<string> sources = [];
        while (reader.Next())
        {
            if (!reader.IsPart)
                sources.Add(Encoding.UTF8.GetString(text.AsSpan(reader.Start..reader.End)));
        }

        Assert.Equal(["Été", "à", "Paris's", "parseUrl"], sources);
    }

    [Fact]
    public void A_word_of_any_length_is_one_short_term()
    {
        List<string> terms = Terms.Of(new string('a', 100_000) + " " + new string('é', 1000));
        Assert.Equal([TermReader.MaxTerm, TermReader.MaxTerm], terms.Select(Encoding.UTF8.GetByteCount));
    }

    [Fact]
    public void Random_bytes_of_any_kind_are_read_to_the_end()
    {
        Random random = Seed.Random();
        byte[] bytes = new byte[300];
        Span<byte> scratch = stackalloc byte[TermReader.ScratchBytes];
        for (int round = 0; round < 20_000; round++)
        {
            Span<byte> text = bytes.AsSpan(0, random.Next(bytes.Length));
            random.NextBytes(text);
            if (round % 2 == 0)
            {
                for (int i = 0; i < text.Length; i++)
                    text[i] = Signs[text[i] % Signs.Length];
            }

            TermReader reader = new(text, (TextKind)random.Next(1, 7), (MarkupState)random.Next(5), (TermPurpose)random.Next(2), scratch);
            int before = 0;
            while (reader.Next())
            {
                Assert.InRange(reader.Term.Length, 1, TermReader.MaxTerm);
                Assert.InRange(reader.Start, before, text.Length);
                Assert.InRange(reader.End, reader.Start + 1, text.Length);
                before = reader.Start;
                Assert.Equal(System.Buffers.OperationStatus.Done, Rune.DecodeFromUtf8(reader.Term, out _, out _));
            }
        }
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Some words, parseHttpUrl, 東京都, Ελλάδα and 🎉. ", 100)));
        int terms = 0;
        Span<byte> scratch = stackalloc byte[TermReader.ScratchBytes];
        long before = 0;
        for (int round = 0; round < 3; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            TermReader reader = new(text, TextKind.Plain, MarkupState.Text, TermPurpose.Index, scratch);
            while (reader.Next())
                terms++;
            before = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, before);
        Assert.True(terms > 3000);
    }
}

using System.Globalization;
using System.Text;
using ClawOS.Security.Guard;
using ClawOS.Security.GuardLink;
using ClawOS.Security.Sandbox;

namespace Guard.Tests.Approvals;

public sealed class ApprovalCardTests
{
    private static readonly DateTimeOffset When = new(2026, 11, 23, 14, 5, 0, TimeSpan.Zero);

    private static string Card(params string[] words) => ApprovalCard.Render([CardField.Of("what", "launch"), CardField.Of("command", words)], "me", When);

    [Fact]
    public void A_card_is_lines_of_toml()
    {
        Assert.Equal("what = \"launch\"\ncommand = [\"git\", \"push\", \"origin main\"]\nasked_by = \"me\"\nexpires = 2026-11-23T14:05:00Z\n", Card("git", "push", "origin main"));
    }

    [Fact]
    public void Different_words_are_different_cards()
    {
        string[][] lists = [["a b"], ["a", "b"], ["a", "", "b"], ["a\", \"b"], ["a\\\", \\\"b"], ["a  b"], ["a \\u0020b"], ["a\u00A0b"], [], [""], ["é"], ["e\u0301"], ["\n"], ["\\n"]];
        Assert.Equal(lists.Length, lists.Select(Card).Distinct().Count());
    }

    [Theory]
    [InlineData("x\nexpires = 2099-01-01T00:00:00Z")]
    [InlineData("x\r\nprogram = \"/usr/bin/true\"")]
    [InlineData("\u001b[2J\u001b[H")]
    [InlineData("\u009b2J")]
    [InlineData("\b\b\b\u007f")]
    [InlineData("a\u202Etxt.exe")]
    [InlineData("a\u2066b\u2069")]
    [InlineData("a\u200Bb\uFEFFc\u00ADd")]
    [InlineData("a\u2028b\u2029c\u0085d")]
    [InlineData("a\u3164\u115F\u2800")]
    [InlineData("a\u0338\u20E0")]
    [InlineData("a\uE000")]
    [InlineData("a                                       program = x")]
    public void Nothing_in_a_word_draws_hides_or_begins_a_line(string word)
    {
        string card = Card("run", word);
        Assert.Equal(4, card.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        foreach (Rune rune in card.EnumerateRunes().Where(static rune => rune.Value != '\n'))
        {
            Assert.True(rune.Value is >= ' ' and < 0x7F || Rune.IsLetterOrDigit(rune), $"U+{rune.Value:X} is shown");
        }

        Assert.DoesNotContain("  ", card, StringComparison.Ordinal);
    }

    /// <summary>Between two words from right to left a terminal sets what stands there from right to left, too: the second word of a command is shown as the first.</summary>
    [Theory]
    [InlineData("\u05D0\u05D1")]
    [InlineData("\u0627\u0644")]
    [InlineData("\u0661")]
    [InlineData("\uFB1D\uFEFC")]
    [InlineData("\U0001E900\U00010800")]
    [InlineData("a\u1161b\uD7B0")]
    [InlineData("\U0001D159")]
    public void What_is_set_from_right_to_left_or_takes_no_place_is_shown_by_its_number(string word)
    {
        string card = Card("mv", word, "x");
        Assert.All(card, letter => Assert.True(letter is '\n' or (>= ' ' and < '\x7F'), card));
        Assert.Equal(word, Unquoted(ApprovalCard.Quoted(word)));
    }

    [Fact]
    public void Any_text_comes_back_from_its_quotes()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        for (int round = 0; round < 500; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => RandomRune(random).ToString()));
            Assert.True(Unquoted(ApprovalCard.Quoted(text)) == text, $"seed {seed}, round {round}: {ApprovalCard.Quoted(text)}");
        }
    }

    [Fact]
    public void Letters_of_other_languages_are_readable() => Assert.Equal("\"Änderung 変更 ß\"", ApprovalCard.Quoted("Änderung 変更 ß"));

    [Fact]
    public void What_is_too_long_to_be_read_is_not_asked()
    {
        _ = Card(new string('a', 10_000));
        Assert.Throws<SandboxRefusedException>(() => Card(new string('a', ApprovalCard.Most)));
        Assert.Throws<SandboxRefusedException>(() => Card(new string('\n', ApprovalCard.Most / 2)));
        Assert.Throws<SandboxRefusedException>(() => ApprovalCard.Render([], new string('a', ApprovalCard.Most), When));
    }

    [Theory]
    [InlineData("expires")]
    [InlineData("asked_by")]
    [InlineData("id")]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("A")]
    [InlineData("abcdefghijklmnopq")]
    public void A_client_names_no_line_of_guards_own_and_none_that_is_no_name(string name) =>
        Assert.Throws<SandboxRefusedException>(() => ApprovalCard.Render([CardField.Of(name, "x")], "me", When));

    [Fact]
    public void A_line_comes_once_and_has_one_value()
    {
        Assert.Throws<SandboxRefusedException>(() => ApprovalCard.Render([CardField.Of("a", "x"), CardField.Of("a", "y")], "me", When));
        Assert.Throws<SandboxRefusedException>(() => ApprovalCard.Render([new CardField { Name = "a" }], "me", When));
        Assert.Throws<SandboxRefusedException>(() => ApprovalCard.Render([new CardField { Name = "a", Text = "x", List = [] }], "me", When));
        Assert.Throws<SandboxRefusedException>(() => ApprovalCard.Render([.. Enumerable.Range(0, 33).Select(i => CardField.Of($"a{i}", "x"))], "me", When));
    }

    private static Rune RandomRune(Random random)
    {
        while (true)
        {
            int value = random.Next(4) switch { 0 => random.Next(0x100), 1 => random.Next(0x2000, 0x3200), 2 => random.Next(0x10000), _ => random.Next(0x110000) };
            if (Rune.IsValid(value))
            {
                return new Rune(value);
            }
        }
    }

    /// <summary>A TOML basic string, read back.</summary>
    private static string Unquoted(string quoted)
    {
        StringBuilder text = new();
        for (int at = 1; at < quoted.Length - 1; at++)
        {
            if (quoted[at] != '\\')
            {
                _ = text.Append(quoted[at]);
                continue;
            }

            at++;
            int digits = quoted[at] switch { 'u' => 4, 'U' => 8, _ => 0 };
            _ = digits > 0 ? text.Append(new Rune(int.Parse(quoted.AsSpan(at + 1, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString())
                : text.Append(quoted[at] switch { 'n' => '\n', 't' => '\t', var other => other });
            at += digits;
        }

        return text.ToString();
    }
}

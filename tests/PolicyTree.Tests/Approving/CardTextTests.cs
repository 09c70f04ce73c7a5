using System.Globalization;
using System.Text;
using ClawOS.Security.Trees;

namespace PolicyTree.Tests.Approving;

/// <summary>Nothing that a program asks for draws on the terminal of who is asked.</summary>
public sealed class CardTextTests(ITestOutputHelper output)
{
    private readonly ApprovalsBed bed = new();

    [Theory]
    [InlineData("a = \"\u001b[2J\"", @"a = ""\u001B[2J""")]
    [InlineData("a\rb\tc", @"a\u000Db\u0009c")]
    [InlineData("\u202egpj.exe", @"\u202Egpj.exe")]
    [InlineData("a\u200bb\ufeffc\u00a0d", @"a\u200Bb\uFEFFc\u00A0d")]
    [InlineData("a\u2028b\u0085c", @"a\u2028b\u0085c")]
    [InlineData("x\u0336y", @"x\u0336y")]
    [InlineData("\U000e0041", @"\U000E0041")]
    [InlineData("\u3164", @"\u3164")]
    [InlineData("Grüße 漢字 😀", "Grüße 漢字 😀")]
    [InlineData(@"already \u001B here", @"already \u001B here")]
    public void What_a_terminal_would_obey_is_shown_as_its_number(string card, string shown) => Assert.Equal(shown, CardText.Printable(card));

    [Fact]
    public void Whatever_the_card_says_it_is_lines_of_letters_that_can_be_seen_and_says_how_to_answer()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLAW_SEED"), out int given) ? given : Random.Shared.Next();
        output.WriteLine($"CLAW_SEED={seed}");
        Random random = new(seed);
        for (int i = 0; i < 300; i++)
        {
            char[] letters = new char[random.Next(200)];
            for (int at = 0; at < letters.Length; at++)
            {
                letters[at] = (char)random.Next(random.Next(2) == 0 ? 0x100 : 0x10000);
            }

            string card = new(letters);
            string shown = CardText.Printable(card);
            Assert.Equal(shown, CardText.Printable(shown));
            Assert.Equal(card.Count(static c => c == '\n'), shown.Count(static c => c == '\n'));
            Assert.DoesNotContain(shown.EnumerateRunes(), static rune => rune.Value != '\n' && Rune.GetUnicodeCategory(rune)
                is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
        }

        Assert.True(bed.Add("abc", "argv = [\"\u001b]0;x\u0007\"]\n\n"));
        Assert.Equal("argv = [\"\\u001B]0;x\\u0007\"]\n# Waits until 2026-01-02T03:09:05Z. Write yes or no into this file, or: claw approve abc\n", bed.Read("abc"));
    }
}

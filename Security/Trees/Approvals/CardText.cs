using System.Globalization;
using System.Text;

namespace ClawOS.Security.Trees;

/// <summary>Text of another process, made such that it moves no cursor, hides nothing and turns nothing round. What is so already stays as it is.</summary>
public static class CardText
{
    /// <summary>Letters that show nothing, though they are letters.</summary>
    private static readonly Rune[] Blank = [new(0x115F), new(0x1160), new(0x2800), new(0x3164), new(0xFFA0)];

    /// <summary>The text with \uXXXX or \UXXXXXXXX in the place of what a terminal would obey or not show; line feeds stay.</summary>
    public static string Printable(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        StringBuilder shown = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = IsPlain(rune) ? shown.Append(rune.ToString())
                : rune.IsBmp ? shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}")
                : shown.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}");
        }

        return shown.ToString();
    }

    private static bool IsPlain(Rune rune) => rune.Value is ' ' or '\n' || (!Blank.Contains(rune) && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark));
}

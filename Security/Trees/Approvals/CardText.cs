using System.Globalization;
using System.Text;

namespace ClawOS.Security.Trees;

/// <summary>Text of another process, made such that it moves no cursor, hides nothing and turns nothing round. What is so already stays as it is.</summary>
public static class CardText
{
    /// <summary>
    /// Letters that a terminal does not set one behind the other as they come: those written from right to left turn round what stands between them, so that one word seems to be the other; vowels and ends
    /// of old Hangul take no place of their own; and some show nothing, or less than they are.
    /// </summary>
    private static readonly (int First, int Last)[] Unplain =
    [
        (0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFF), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF),
        (0x1160, 0x11FF), (0xD7B0, 0xD7FF),
        (0x115F, 0x115F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFFA0, 0xFFA0), (0x1D159, 0x1D159),
    ];

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

    private static bool IsPlain(Rune rune) => rune.Value is ' ' or '\n' || (!Array.Exists(Unplain, range => rune.Value >= range.First && rune.Value <= range.Last) && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark));
}

using System.Globalization;
using System.Text;

namespace ClawOS.Security.Guard;

/// <summary>Which letters stand on a card as they are. fs looks again by the same rule (CardText of Security/Trees), for it believes no other process.</summary>
internal static class CardLetters
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

    /// <summary>Whether a letter takes its own place behind the one before it, and is seen there.</summary>
    internal static bool IsPlain(Rune rune) => !Array.Exists(Unplain, range => rune.Value >= range.First && rune.Value <= range.Last) && (rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark));
}

using System.Globalization;
using System.Text;

namespace ClawFS.Search.Text;

/// <summary>What a character is to the term reader.</summary>
internal enum RuneClass : byte
{
    /// <summary>Ends a word.</summary>
    Separator,

    /// <summary>A letter, digit or vowel sign of a script that writes words apart.</summary>
    Word,

    /// <summary>A mark that is dropped: combining accents, Hebrew points, Arabic vowels, joiners.</summary>
    Dropped,

    /// <summary>A Han character: terms are pairs and single characters.</summary>
    Ideograph,

    /// <summary>A character of another script without spaces, or of Korean, whose particles hang on the word: terms are pairs.</summary>
    Syllable,

    /// <summary>A symbol that is a term of its own.</summary>
    Emoji,

    /// <summary>Half of a flag: two of them are one term.</summary>
    Flag,
}

/// <summary>Classes of characters: a table for the basic plane, ranges above it.</summary>
internal static class RuneClasses
{
    private static readonly RuneClass[] Basic = Build();

    internal static RuneClass Of(Rune rune) => rune.IsBmp ? Basic[rune.Value] : Above(rune);

    private static RuneClass[] Build()
    {
        RuneClass[] table = new RuneClass[char.MaxValue + 1];
        for (int i = 0; i < table.Length; i++)
            table[i] = OfBasic((char)i);
        return table;
    }

    private static RuneClass OfBasic(char value) => value switch
    {
        >= '\u0300' and <= '\u036F' or >= '\u0591' and <= '\u05C7' or >= '\u064B' and <= '\u065F' or '\u0640' or '\u0670' => RuneClass.Dropped,
        '\u00AD' or '\u200B' or '\u200C' or '\u200D' or >= '\uFE00' and <= '\uFE0F' or '\uFEFF' => RuneClass.Dropped,
        >= '\u3400' and <= '\u4DBF' or >= '\u4E00' and <= '\u9FFF' or >= '\uF900' and <= '\uFAFF' or '\u3005' or '\u3007' => RuneClass.Ideograph,
        >= '\u3041' and <= '\u3096' or >= '\u30A1' and <= '\u30FA' or '\u30FC' or >= '\u31F0' and <= '\u31FF' or >= '\uFF66' and <= '\uFF9D' => RuneClass.Syllable,
        >= '\uAC00' and <= '\uD7A3' or >= '\u1100' and <= '\u11FF' => RuneClass.Syllable,
        >= '\u0E01' and <= '\u0E4E' or >= '\u0E81' and <= '\u0ECD' or >= '\u1000' and <= '\u103F' or >= '\u1780' and <= '\u17D3' => RuneClass.Syllable,
        >= '\u2600' and <= '\u27BF' or '\u2B50' or '\u2B55' or '\u231A' or '\u231B' => RuneClass.Emoji,
        _ => OfCategory(char.GetUnicodeCategory(value)),
    };

    private static RuneClass Above(Rune rune) => rune.Value switch
    {
        >= 0x20000 and <= 0x3FFFF => RuneClass.Ideograph,
        >= 0x1F1E6 and <= 0x1F1FF => RuneClass.Flag,
        >= 0x1F3FB and <= 0x1F3FF or >= 0xE0000 and <= 0xE0FFF => RuneClass.Dropped,
        >= 0x1F000 and <= 0x1FAFF => RuneClass.Emoji,
        _ => OfCategory(Rune.GetUnicodeCategory(rune)),
    };

    private static RuneClass OfCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark => RuneClass.Word,
        _ => RuneClass.Separator,
    };
}

using System.Collections.Frozen;
using System.Text;

namespace ClawFS.Search.Text;

/// <summary>Source code: a line that begins like a declaration is a title, its depth the indentation.</summary>
internal sealed class CodePieces : LinePieces
{
    private const int LongestTitle = 72;
    private const int TabColumns = 4;

    private static readonly FrozenSet<string> Words = ("class struct record interface enum namespace module package trait impl fn func function def sub proc public private protected internal static "
        + "abstract sealed export async extern template type typedef macro_rules! object const void int bool").Split(' ').ToFrozenSet();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Words.GetAlternateLookup<ReadOnlySpan<char>>();

    private protected override bool Describe(ReadOnlySpan<byte> line, ReadOnlySpan<byte> next, bool last, ref BreakBefore before, out int level, out string? title)
    {
        (level, title) = (0, null);
        int columns = 0, at = 0;
        for (; at < line.Length && line[at] is (byte)' ' or (byte)'\t'; at++)
            columns += line[at] == '\t' ? TabColumns : 1;
        ReadOnlySpan<byte> text = line[at..];
        int end = text.IndexOfAny(" \t("u8);

        // What ends with a semicolon or a comma declares a field or goes on a statement.
        if (end is <= 0 or > 12 || text[^1] is (byte)';' or (byte)',' || !IsWord(text[..end]))
            return true;
        level = columns + 1;
        text = text.TrimEnd(" \t{:("u8);
        title = Encoding.UTF8.GetString(text[..Math.Min(text.Length, LongestTitle)]);
        before = BreakBefore.Paragraph;
        return true;
    }

    private static bool IsWord(ReadOnlySpan<byte> word)
    {
        Span<char> letters = stackalloc char[12];
        return Encoding.UTF8.TryGetChars(word, letters, out int count) && Lookup.Contains(letters[..count]);
    }
}

using System.Globalization;

namespace ClawOS.Security.Policy.Toml;

/// <summary>The text of a policy file and where its lines begin.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lines = [0];

    internal SourceText(string text, string file)
    {
        Text = text;
        File = file;
        for (int offset = text.IndexOf('\n'); offset >= 0; offset = text.IndexOf('\n', offset + 1))
        {
            _lines.Add(offset + 1);
        }
    }

    internal string Text { get; }

    internal string File { get; }

    /// <summary>The line that a stretch begins in.</summary>
    internal SourceLine LineOf(Mark mark) => new(File, Index(mark.Offset) + 1);

    /// <summary>An error about a stretch of this text; only what stands on its first line is underlined.</summary>
    internal PolicyError Error(Mark mark, string message, string suggestion = "")
    {
        int offset = Math.Clamp(mark.Offset, 0, Text.Length);
        int line = Index(offset);
        int begin = _lines[line];
        int end = line + 1 < _lines.Count ? _lines[line + 1] - 1 : Text.Length;
        string shown = Text[begin..end].TrimEnd('\r');
        int length = Math.Clamp(mark.Length, 1, Math.Max(1, begin + shown.Length - offset));
        return new PolicyError(File, line + 1, offset - begin + 1, length, Printable(message), suggestion, Printable(shown));
    }

    private int Index(int offset)
    {
        int found = _lines.BinarySearch(offset);
        return found >= 0 ? found : ~found - 1;
    }

    /// <summary>A policy may come from anywhere: what it holds must not steer the terminal that an error is shown on.</summary>
    private static string Printable(string text) =>
        text.Any(IsUnprintable) ? new string([.. text.Select(character => IsUnprintable(character) ? '\uFFFD' : character)]) : text;

    private static bool IsUnprintable(char character) => character != '\t'
        && char.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}

using System.Text;
using ClawFS.Search.Text;

namespace ClawFS.Search.Query;

/// <summary>A piece of a passage on one line.</summary>
/// <param name="Text">The piece, blanks for line ends.</param>
/// <param name="Marks">Where the words of the question stand in it, [start, end) in characters, in order.</param>
public sealed record Snippet(string Text, IReadOnlyList<(int Start, int End)> Marks)
{
    /// <summary>Two pieces with the same text are the same.</summary>
    public bool Equals(Snippet? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}

/// <summary>Cuts the piece out of a passage in which the most different words of the question stand.</summary>
internal static class SnippetMaker
{
    /// <summary>Bytes of a piece, about.</summary>
    private const int Width = 200;

    /// <summary>Makes the piece.</summary>
    /// <param name="passage">The passage's bytes.</param>
    /// <param name="kind">How they are read.</param>
    /// <param name="state">Where in markup they begin.</param>
    /// <param name="wanted">The terms of the question as UTF-8.</param>
    public static Snippet Make(ReadOnlySpan<byte> passage, TextKind kind, MarkupState state, IReadOnlySet<string> wanted)
    {
        List<(int Start, int End, string Term)> found = Find(passage, kind, state, wanted);
        int start = Best(found);
        start = AtWord(passage, start);
        int end = start;
        StringBuilder text = new();
        List<(int, int)> marks = [];
        int next = found.FindIndex(match => match.Start >= start);
        while (end < passage.Length && end - start < Width)
        {
            (int Start, int End, string Term)? match = next >= 0 && next < found.Count ? found[next] : null;
            int stop = match is { } ahead ? ahead.Start : Math.Min(passage.Length, start + Width);
            if (stop > end)
            {
                int cut = stop <= start + Width ? stop : AtCharacter(passage, start + Width);
                Append(text, passage[end..Math.Max(end, cut)]);
                end = stop;
                continue;
            }
            int from = text.Length;
            Append(text, passage[match!.Value.Start..match.Value.End]);
            marks.Add((from, text.Length));
            end = match.Value.End;
            while (next < found.Count && found[next].Start < end)
            {
                next++;
            }
        }
        return new(text.ToString().TrimEnd(), marks);
    }

    private static List<(int Start, int End, string Term)> Find(ReadOnlySpan<byte> passage, TextKind kind, MarkupState state, IReadOnlySet<string> wanted)
    {
        List<(int, int, string)> found = [];
        TermReader reader = new(passage, kind, state, TermPurpose.Index, stackalloc byte[TermReader.ScratchBytes]);
        while (reader.Next())
        {
            string term = Encoding.UTF8.GetString(reader.Term);
            if (wanted.Contains(term))
            {
                found.Add((reader.Start, reader.End, term));
            }
        }
        return found;
    }

    /// <summary>Where the window with the most different terms begins.</summary>
    private static int Best(List<(int Start, int End, string Term)> found)
    {
        int best = 0, most = 0;
        HashSet<string> inside = [];
        for (int i = 0; i < found.Count; i++)
        {
            inside.Clear();
            for (int j = i; j < found.Count && found[j].End - found[i].Start <= Width - 40; j++)
            {
                inside.Add(found[j].Term);
            }
            if (inside.Count > most)
            {
                (best, most) = (Math.Max(0, found[i].Start - 40), inside.Count);
            }
        }
        return best;
    }

    /// <summary>The begin of a word at or behind an offset, so that no word and no character is cut.</summary>
    private static int AtWord(ReadOnlySpan<byte> passage, int offset)
    {
        int at = offset;
        while (at > 0 && at < passage.Length && at < offset + 40 && passage[at - 1] > ' ')
        {
            at++;
        }
        return AtCharacter(passage, Math.Min(at, passage.Length));
    }

    /// <summary>The begin of the character that an offset lies in.</summary>
    private static int AtCharacter(ReadOnlySpan<byte> passage, int offset)
    {
        while (offset > 0 && offset < passage.Length && (passage[offset] & 0xC0) == 0x80)
        {
            offset--;
        }
        return offset;
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (char c in Encoding.UTF8.GetString(bytes))
        {
            bool blank = char.IsWhiteSpace(c) || char.IsControl(c);
            if (!blank || (text.Length > 0 && text[^1] != ' '))
            {
                text.Append(blank ? ' ' : c);
            }
        }
    }
}

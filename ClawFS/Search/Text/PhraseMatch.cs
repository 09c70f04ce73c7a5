using System.Text;

namespace ClawFS.Search.Text;

/// <summary>Looks for words in a row: the index knows no positions, so a quoted phrase is checked in the text of the chunks that have its words.</summary>
/// <param name="phrase">The phrase as typed, without its quotes.</param>
internal sealed class PhraseMatch(string phrase)
{
    private readonly byte[][] _terms = Read(Encoding.UTF8.GetBytes(phrase));

    /// <summary>True when the text has the phrase's words one behind the other, whatever their case, endings, and what stands between them. A phrase without words is everywhere.</summary>
    /// <param name="text">A chunk's bytes.</param>
    /// <param name="kind">How they are read.</param>
    /// <param name="state">Where in HTML markup they begin.</param>
    internal bool IsIn(ReadOnlySpan<byte> text, TextKind kind, MarkupState state)
    {
        // How far the phrase matches up to each of the last terms: a new start may lie within a begun match.
        Span<bool> reached = stackalloc bool[_terms.Length + 1];
        reached.Clear();
        TermReader reader = new(text, kind, state, TermPurpose.Index, stackalloc byte[TermReader.ScratchBytes]);
        while (!reached[_terms.Length] && reader.Next())
        {
            if (reader.IsPart)
                continue;
            reached[0] = true;
            for (int i = _terms.Length; i > 0; i--)
                reached[i] = reached[i - 1] && reader.Term.SequenceEqual(_terms[i - 1]);
        }

        return _terms.Length == 0 || reached[_terms.Length];
    }

    /// <summary>At most 64 terms: a longer phrase is as good as unique by then.</summary>
    private static byte[][] Read(ReadOnlySpan<byte> phrase)
    {
        List<byte[]> terms = [];
        TermReader reader = new(phrase, TextKind.Plain, MarkupState.Text, TermPurpose.Index, stackalloc byte[TermReader.ScratchBytes]);
        while (terms.Count < 64 && reader.Next())
        {
            if (!reader.IsPart)
                terms.Add(reader.Term.ToArray());
        }

        return [.. terms];
    }
}

using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;

namespace ClawFS.Search.Query;

/// <summary>The terms of a text as they are compared with those of a passage.</summary>
internal static class MarkedTerms
{
    /// <summary>All terms, as text.</summary>
    public static IReadOnlySet<string> Of(ReadOnlySpan<byte> utf8)
    {
        HashSet<string> all = [];
        TermReader reader = new(utf8, TextKind.Plain, MarkupState.Text, TermPurpose.Query, stackalloc byte[TermReader.ScratchBytes]);
        while (reader.Next())
        {
            all.Add(Encoding.UTF8.GetString(reader.Term));
        }
        return all;
    }

    /// <summary>The numbers of the terms; null when one of them is in no chunk.</summary>
    public static int[]? NumbersOf(string text, TermTable terms)
    {
        HashSet<int> numbers = [];
        foreach (string term in Of(Encoding.UTF8.GetBytes(text)))
        {
            int number = terms.Find(Encoding.UTF8.GetBytes(term));
            if (number < 0)
            {
                return null;
            }
            numbers.Add(number);
        }
        return [.. numbers];
    }
}

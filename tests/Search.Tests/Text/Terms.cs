using System.Text;
using ClawFS.Search.Text;

namespace ClawFS.Search.Tests.Text;

/// <summary>The terms of a text as strings.</summary>
internal static class Terms
{
    internal static List<string> Of(string text, TextKind kind = TextKind.Plain, TermPurpose purpose = TermPurpose.Index) => Of(Encoding.UTF8.GetBytes(text), kind, purpose);

    internal static List<string> Of(ReadOnlySpan<byte> text, TextKind kind = TextKind.Plain, TermPurpose purpose = TermPurpose.Index, MarkupState state = MarkupState.Text)
    {
        List<string> terms = [];
        TermReader reader = new(text, kind, state, purpose, stackalloc byte[TermReader.ScratchBytes]);
        while (reader.Next())
            terms.Add(Encoding.UTF8.GetString(reader.Term));
        return terms;
    }
}

using ClawFS.Search.Text;

namespace ClawFS.Search.Lexical;

/// <summary>The terms of a query that the store has.</summary>
/// <param name="Different">Each once, with how often the query has it: what full text searches for.</param>
/// <param name="Terms">The same as a text's terms: what is embedded.</param>
internal sealed record QueryTerms(QueryTerm[] Different, ChunkTerms Terms)
{
    /// <summary>A query of no terms.</summary>
    internal static QueryTerms None { get; } = From(ChunkTerms.From([]));

    /// <summary>Reads a query. Words that no chunk ever had are left out.</summary>
    /// <param name="utf8">The words as typed.</param>
    /// <param name="table">The store's terms; none is added.</param>
    internal static QueryTerms Read(ReadOnlySpan<byte> utf8, TermTable table)
    {
        List<int> found = [];
        TermReader reader = new(utf8, TextKind.Plain, MarkupState.Text, TermPurpose.Query, stackalloc byte[TermReader.ScratchBytes]);
        while (reader.Next())
        {
            int term = table.Find(reader.Term);
            if (term >= 0)
                found.Add(term);
        }

        return From(ChunkTerms.From([.. found]));
    }

    /// <summary>A query that consists of a text's terms.</summary>
    internal static QueryTerms From(ChunkTerms terms)
    {
        QueryTerm[] different = new QueryTerm[terms.Count];
        int count = 0;
        foreach ((int term, int frequency) in terms)
            different[count++] = new QueryTerm(term, frequency);
        return new QueryTerms(different, terms);
    }
}

using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;

namespace ClawFS.Search.Query;

/// <summary>The terms of a question.</summary>
/// <param name="Known">Those that some chunk has or had, by number, weighted by how often they stand in the question.</param>
/// <param name="All">All of them as text, for marking them in a passage.</param>
internal sealed record QueryTerms(QueryTerm[] Known, IReadOnlySet<string> All)
{
    /// <summary>Takes a question apart.</summary>
    public static QueryTerms Of(string text, TermTable terms)
    {
        Dictionary<int, float> weights = [];
        HashSet<string> all = [];
        TermReader reader = new(Encoding.UTF8.GetBytes(text), TextKind.Plain, MarkupState.Text, TermPurpose.Query, stackalloc byte[TermReader.ScratchBytes]);
        while (reader.Next())
        {
            all.Add(Encoding.UTF8.GetString(reader.Term));
            int id = terms.Find(reader.Term);
            if (id >= 0)
            {
                weights[id] = weights.GetValueOrDefault(id) + 1;
            }
        }
        return new([.. weights.Select(static pair => new QueryTerm(pair.Key, pair.Value))], all);
    }

    /// <summary>The numbers of a text's terms; null when one of them is in no chunk.</summary>
    public static int[]? AllOf(string text, TermTable terms)
    {
        QueryTerms found = Of(text, terms);
        return found.Known.Length == found.All.Count ? [.. found.Known.Select(static term => term.Term)] : null;
    }
}

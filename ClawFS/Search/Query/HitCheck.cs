using System.Text;
using ClawFS.Search.Index;
using ClawFS.Search.Lexical;

namespace ClawFS.Search.Query;

/// <summary>The phrases a hit must have and the words it must not have. What the terms can tell is asked first, the text last.</summary>
internal sealed class HitCheck
{
    private readonly SearchQuery query;
    private readonly IndexState state;
    private readonly int[]?[] wanted;
    private readonly int[]?[] unwanted;

    /// <summary>Looks up the terms of the conditions.</summary>
    public HitCheck(SearchQuery query, IndexState state)
    {
        this.query = query;
        this.state = state;
        wanted = [.. query.Phrases.Select(phrase => MarkedTerms.NumbersOf(phrase, state.Terms))];
        unwanted = [.. query.Excluded.Select(word => MarkedTerms.NumbersOf(word, state.Terms))];
    }

    /// <summary>Whether the chunk has all terms of the phrases, and no chunk of the file a word that is unwanted.</summary>
    public bool AdmitsTerms(IndexedFile file, uint chunk)
    {
        foreach (int[]? terms in wanted)
        {
            if (terms is null || !HasAll(state.TermsOf(chunk), terms))
            {
                return false;
            }
        }
        foreach (int[]? terms in unwanted)
        {
            // An unwanted text of several words is looked for in the passage, where their order is known.
            if (terms is { Length: 1 } && AnyChunk(file, terms))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether the passage has the phrases as they were typed, and none that is unwanted.</summary>
    public bool AdmitsText(ReadOnlySpan<byte> passage)
    {
        if (wanted.Length == 0 && unwanted.All(static terms => terms is { Length: <= 1 }))
        {
            return true;
        }
        string text = TextMatch.Normalise(Encoding.UTF8.GetString(passage));
        return query.Phrases.All(phrase => TextMatch.Contains(text, phrase))
            && !query.Excluded.Any(word => word.Contains(' ', StringComparison.Ordinal) && TextMatch.Contains(text, word));
    }

    private bool AnyChunk(IndexedFile file, int[] terms)
    {
        for (uint chunk = file.FirstChunk; chunk < file.FirstChunk + (uint)file.ChunkCount; chunk++)
        {
            if (HasAll(state.TermsOf(chunk), terms))
            {
                return true;
            }
        }
        return false;
    }

    private static bool HasAll(ChunkTerms have, int[] terms)
    {
        int found = 0;
        foreach ((int term, _) in have)
        {
            found += terms.Contains(term) ? 1 : 0;
        }
        return found == terms.Length;
    }
}

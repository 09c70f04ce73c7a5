using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Index;

/// <summary>
/// Remembers the chunks that came since a generation was made, and tells when its model has too little to say about them: so many of their words are new to it that a fit on the store as it is now would know.
/// </summary>
internal sealed class NewWords
{
    /// <summary>So many of the last chunks are looked at.</summary>
    private const int Remembered = 1000;

    /// <summary>Fewer than these, or than this part of what the model was fitted on, are no reason for a fit.</summary>
    private const int LeastChunks = 200, LeastPart = 10;

    /// <summary>A term in fewer chunks is no more than a word of its own to a fit.</summary>
    private const int LeastHaving = 2;

    private const double MostUnknown = 0.15;

    private readonly uint[] recent = new uint[Remembered];
    private long came;
    private long looked;

    /// <summary>A chunk came.</summary>
    public void Note(uint chunk) => recent[came++ % Remembered] = chunk;

    /// <summary>Whether more than 15 % of the words of the last chunks are unknown. Looks only after enough further ones came.</summary>
    public bool AreTooMany(IndexState state, LsiModel model)
    {
        if (came - looked < Math.Max(LeastChunks, model.FittedOn / LeastPart))
        {
            return false;
        }
        looked = came;
        long all = 0, unknown = 0;
        Dictionary<int, bool> wouldBeKnown = [];
        foreach (uint chunk in recent.AsSpan(0, (int)Math.Min(came, Remembered)))
        {
            if (state.Chunks[chunk].File is null)
            {
                continue;
            }
            foreach ((int term, int frequency) in state.TermsOf(chunk))
            {
                all += frequency;
                if (model.Knows(term))
                {
                    continue;
                }
                if (!wouldBeKnown.TryGetValue(term, out bool known))
                {
                    wouldBeKnown[term] = known = state.Words.ChunksWith(term) >= LeastHaving;
                }
                unknown += known ? frequency : 0;
            }
        }
        return unknown > MostUnknown * all;
    }
}

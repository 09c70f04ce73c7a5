using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Index;

/// <summary>Questions for measuring a model that reads text: a run of words out of each of some chunks.</summary>
internal static class QuotedPassages
{
    private const int Words = 12, LeastTerms = 3;

    /// <summary>The questions, in the order of the chunks; none of a chunk that has too few words.</summary>
    public static IEnumerable<ChunkToEmbed> Of(IEnumerable<PendingChunk> chunks, IndexState state, ChunkText text)
    {
        Random random = new(1);
        foreach (PendingChunk chunk in chunks)
        {
            string[] words = text.Of(state.Chunks[chunk.Chunk]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            int first = random.Next(Math.Max(1, words.Length - Words));
            string question = string.Join(' ', words.Skip(first).Take(Math.Min(Words, (words.Length + 1) / 2)));
            QueryTerms terms = QueryTerms.Read(Encoding.UTF8.GetBytes(question), state.Terms);
            if (terms.Different.Length >= LeastTerms)
            {
                yield return new ChunkToEmbed(chunk.Chunk, 0, terms.Terms, question);
            }
        }
    }
}

using System.Text;
using ClawFS.Search.Lexical;
using ClawFS.Search.Text;

namespace ClawOS.Bench.Micro;

/// <summary>Made-up text whose words are spread as in real text (Zipf), the same every time.</summary>
internal sealed class SearchCorpus
{
    private const int Vocabulary = 200_000;
    private const int WordsPerChunk = 170;

    private readonly Random _random = new(1);

    /// <summary>The terms of all chunks made so far.</summary>
    internal TermTable Table { get; } = new();

    /// <summary>A text of about so many bytes.</summary>
    internal byte[] Text(int bytes)
    {
        StringBuilder text = new(bytes + 100);
        for (int words = 1; text.Length < bytes; words++)
            text.Append(Word()).Append(words % 12 == 0 ? ".\n" : " ").Append(words % 150 == 0 ? "\n" : "");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Chunks with about a hundred different terms each.</summary>
    internal PendingChunk[] Chunks(int count)
    {
        TermCollector collector = new(Table);
        PendingChunk[] chunks = new PendingChunk[count];
        for (int i = 0; i < count; i++)
        {
            byte[] text = Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, WordsPerChunk).Select(_ => Word())));
            chunks[i] = new PendingChunk((uint)i, collector.Read(text, new Chunk(0, text.Length, 1, 1, "", MarkupState.Text), TextKind.Plain, []));
        }

        return chunks;
    }

    /// <summary>A query of so many words, common and rare ones as texts have them.</summary>
    internal QueryTerms Query(int words) => QueryTerms.Read(Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, words).Select(_ => Word()))), Table);

    // Rank r comes with a chance of about 1 / r.
    private string Word()
    {
        int rank = (int)Math.Pow(Vocabulary, _random.NextDouble());
        return $"{(char)('a' + (rank % 26))}{(char)('a' + (rank / 26 % 26))}{(char)('a' + (rank / 676 % 26))}{(char)('a' + (rank / 17576))}";
    }
}

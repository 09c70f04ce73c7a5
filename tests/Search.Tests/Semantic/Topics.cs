using ClawFS.Search.Lexical;
using ClawFS.Search.Semantic;

namespace ClawFS.Search.Tests.Semantic;

/// <summary>Texts about topics: each topic has words of its own, beside words that all texts use.</summary>
internal static class Topics
{
    internal const int WordsOfTopic = 30;
    internal const int CommonWords = 200;

    /// <summary>A text of one topic; its own words have numbers from topic x <see cref="WordsOfTopic"/> on, the common ones stand behind those of all topics.</summary>
    internal static ChunkTerms Text(Random random, int topic, int topics, int words) => ChunkTerms.From(
        [.. Enumerable.Range(0, words).Select(_ => random.Next(3) > 0 ? (topic * WordsOfTopic) + random.Next(WordsOfTopic) : (topics * WordsOfTopic) + random.Next(CommonWords))]);

    internal static List<ChunkTerms> Texts(Random random, int count, int topics, int words) => [.. Enumerable.Range(0, count).Select(i => Text(random, i % topics, topics, words))];

    internal static LsiModel Fit(IReadOnlyList<ChunkTerms> chunks, LsiOptions options) => LsiModel.Fit(chunks, options, TestContext.Current.CancellationToken);
}

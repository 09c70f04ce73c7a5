namespace ClawFS.Search.Tests.Index;

/// <summary>Texts about a few topics: each topic has words of its own beside those of all.</summary>
internal sealed class TopicFiles(Random random, string language = "")
{
    private const int Topics = 12, WordsOfTopic = 40, CommonWords = 60, Words = 90;

    internal string Text(int topic) => string.Join(' ', Enumerable.Range(0, Words).Select(i => i % 3 == 0 ? Common() : Word(topic)));

    internal string Text() => Text(random.Next(Topics));

    internal string Question(int topic) => string.Join(' ', Enumerable.Range(0, 6).Select(_ => Word(topic)));

    private string Word(int topic) => $"{language}t{(char)('a' + topic)}w{Letters(random.Next(WordsOfTopic))}";

    private string Common() => $"{language}all{Letters(random.Next(CommonWords))}";

    // Words of letters alone: a number in a word would be a term of its own.
    private static string Letters(int number) => $"{(char)('b' + (number / 8))}{(char)('k' + (number % 8))}";
}

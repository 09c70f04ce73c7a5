using ClawOS.Security.Policy;

namespace Policy.Tests.Reading;

/// <summary>A policy in a test, with « before the place where the first error is expected.</summary>
internal static class Marked
{
    private const char Mark = '«';

    /// <summary>Reads it, and compiles it where it reads, and holds the first error against the mark and the words.</summary>
    internal static PolicyError Refused(string marked, string words, params string[] others)
    {
        int offset = marked.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(offset >= 0, "the test marks no place");
        string text = marked.Remove(offset, 1);
        IReadOnlyList<PolicyError> errors = ErrorsOf(text, others);
        Assert.True(errors.Count > 0, $"not refused:\n{text}");
        string before = text[..offset];
        (int line, int column) = (before.Count(character => character == '\n') + 1, offset - (before.LastIndexOf('\n') + 1) + 1);
        Assert.True((line, column) == (errors[0].Line, errors[0].Column), $"expected at {line}:{column}, got\n{errors[0]}\nof\n{text}");
        Assert.Contains(words, errors[0].Message, StringComparison.Ordinal);
        return errors[0];
    }

    /// <summary>A set of one policy a text: the first is called test, the others by their first line, "# name".</summary>
    internal static PolicySet SetOf(string text, params string[] others) =>
        PolicySet.Shipped.With([("test.toml", PolicyFile.Parse(text, "test.toml")), .. others.Select(other => (NameOf(other), PolicyFile.Parse(other, NameOf(other))))]);

    private static IReadOnlyList<PolicyError> ErrorsOf(string text, string[] others) => SetOf(text, others).Compile("test").Errors;

    private static string NameOf(string text) => text.Split('\n')[0][2..] + ".toml";
}

using ClawOS.Security.Policy.Language;

namespace Policy.Tests.Reading;

/// <summary>Every key with every kind of value that it does not take, and with every sample that is out of its form.</summary>
public sealed class MalformedValueTests
{
    private static readonly string[] Literals = ["\"text\"", "7", "7.5", "true", "1979-05-27", "[[\"a\"]]", "{ a = 1 }", "[7]", "[\"text\"]", "[true]"];

    public static TheoryData<string, string> WrongKinds => [.. Cases(WrongKindsOf)];

    public static TheoryData<string, string> WrongValues => [.. Cases(WrongValuesOf)];

    [Theory]
    [MemberData(nameof(WrongKinds))]
    public void A_value_of_another_kind_is_refused_at_its_place(string text, string key) => Marked.Refused(text, $"'{key}' is ");

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void A_value_out_of_its_form_is_refused_at_its_place(string text, string key) => Assert.DoesNotContain($"'{key}' is ", Marked.Refused(text, "").Message, StringComparison.Ordinal);

    [Fact]
    public void There_are_more_than_two_hundred_of_them() => Assert.True(WrongKinds.Count + WrongValues.Count > 200, $"{WrongKinds.Count} + {WrongValues.Count}");

    [Fact]
    public void Every_key_has_samples() => Assert.Equal(
        PolicyKeys.Sections.SelectMany(section => section.Keys.Select(key => NameOf(section, key))).Order(),
        Samples.Good.Keys.Order());

    private static IEnumerable<string> WrongKindsOf(PolicySection section, PolicyKey key)
    {
        foreach (string literal in Literals)
        {
            bool isInteger = literal.Contains('7', StringComparison.Ordinal) && !literal.Contains('.', StringComparison.Ordinal);
            bool isTruth = literal.Contains("true", StringComparison.Ordinal);
            bool isText = literal.Contains("text", StringComparison.Ordinal);
            bool isList = literal.StartsWith('[');
            bool isRight = (key.IsBoolean ? isTruth : key.IsInteger ? isInteger : isText) && isList == key.IsList;
            // What is a list and holds the wrong thing is refused at the thing.
            int place = key.IsList && isList ? 1 : 0;
            if (!isRight && literal != "[[\"a\"]]")
            {
                yield return literal.Insert(place, "«");
            }
        }
    }

    private static IEnumerable<string> WrongValuesOf(PolicySection section, PolicyKey key) => Samples.Bad[NameOf(section, key)].Select(sample =>
        (key.IsList, key.IsInteger) switch
        {
            (true, true) => $"[«{sample}]",
            (true, false) => $"[«{Quoted(sample)}]",
            (false, true) => $"«{sample}",
            _ => $"«{Quoted(sample)}",
        });

    private static IEnumerable<(string Text, string Key)> Cases(Func<PolicySection, PolicyKey, IEnumerable<string>> valuesOf) =>
        from section in PolicyKeys.Sections
        from key in section.Keys
        from value in valuesOf(section, key)
        select ($"# a comment\n{Around(section, key)}  {key.Name} = {value}\n", key.Name);

    /// <summary>The header, and the keys that the table needs beside this one.</summary>
    private static string Around(PolicySection section, PolicyKey key) => string.Concat(
        [
            section.Name.Length > 0 ? section.Header + "\n" : "",
            .. section.Keys.Where(other => other.IsRequired && other != key).Select(other => $"{other.Name} = {Quoted(Samples.Good[NameOf(section, other)][0])}\n"),
        ]);

    internal static string NameOf(PolicySection section, PolicyKey key) => section.Name.Length == 0 ? key.Name : $"{section.Name}.{key.Name}";

    /// <summary>A literal text where it can be one: backslashes are part of some samples.</summary>
    private static string Quoted(string sample) => sample.Contains('\\', StringComparison.Ordinal) && !sample.EndsWith("\\n", StringComparison.Ordinal) ? $"'{sample}'" : $"\"{sample}\"";
}

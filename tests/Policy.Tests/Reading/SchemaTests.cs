using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ClawOS.Security.Policy.Language;
using ClawOS.Security.Policy.Values;

namespace Policy.Tests.Reading;

/// <summary>The published schema says what the parser's table of keys says.</summary>
public sealed class SchemaTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(Documents.Schema)!;

    public static TheoryData<string> Keys => [.. PolicyKeys.Sections.SelectMany(section => section.Keys.Select(key => MalformedValueTests.NameOf(section, key)))];

    [Fact]
    public void It_has_the_parser_s_keys_and_no_others()
    {
        Assert.Equal(
            PolicyKeys.Sections.SelectMany(section => section.Keys.Select(key => $"{section.Name} {section.IsRepeated} {key.Name} {key.IsRequired}")).Order(),
            PolicyKeys.Sections.SelectMany(section => Properties(section)
                .Where(property => section.Name.Length > 0 || PolicyKeys.Sections.All(other => other.Name != property.Key))
                .Select(property => $"{section.Name} {IsRepeated(section)} {property.Key} {IsRequired(section, property.Key)}")).Order());
        Assert.Equal(
            [.. PolicyKeys.Top.Keys.Select(key => key.Name).Concat(PolicyKeys.Sections.Skip(1).Select(section => section.Name)).Order()],
            Properties(PolicyKeys.Top).Select(property => property.Key).Order());
        Assert.All(PolicyKeys.Sections, section => Assert.False((bool)TableOf(section)["additionalProperties"]!));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_key_s_kind_is_the_parser_s(string name)
    {
        (PolicyKey key, JsonNode property) = Find(name);
        Assert.Equal(key.IsList, (string?)property["type"] == "array");
        if (key.IsList)
        {
            Assert.Equal(key.MayBeEmpty, property["minItems"] is null);
            Assert.Equal(key.MayRepeat, property["uniqueItems"] is null);
        }

        JsonNode item = ItemOf(property);
        Assert.Equal(key.IsInteger, (string?)item["type"] == "integer");
        Assert.Equal(key.IsBoolean, (string?)item["type"] == "boolean");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_value_that_the_parser_takes_passes_the_schema_and_one_that_it_refuses_does_not(string name)
    {
        (PolicyKey key, JsonNode property) = Find(name);
        JsonNode item = ItemOf(property);
        Assert.All(Samples.Good[name], sample => Assert.True(Passes(item, sample) && key.Check(sample) is null, sample));
        Assert.All(Samples.Bad[name].Where(sample => !Samples.BeyondTheSchema.Contains(sample)), sample => Assert.False(Passes(item, Unescaped(sample)), sample));
        Assert.All(Samples.Bad[name], sample => Assert.IsType<Fault>(key.Check(Unescaped(sample))));
    }

    private static bool Passes(JsonNode item, string sample)
    {
        if (item["enum"] is JsonArray choices)
        {
            return choices.Any(choice => (string?)choice == sample);
        }

        if ((string?)item["type"] == "boolean")
        {
            return bool.TryParse(sample, out _);
        }

        return (string?)item["type"] == "integer"
            ? long.Parse(sample, System.Globalization.CultureInfo.InvariantCulture) is { } number && number >= (long)item["minimum"]! && number <= (long)item["maximum"]!
            : sample.Length <= ((int?)item["maxLength"] ?? int.MaxValue)
                && (item["pattern"] is not { } pattern || Regex.IsMatch(sample, InDotNet((string)pattern!)));
    }

    /// <summary>In a schema $ is the end of the text; here it is also before a last line feed.</summary>
    private static string InDotNet(string pattern) => Regex.Replace(pattern, @"(?<!\\)\$(?=\)|$)", @"\z");

    private static string Unescaped(string sample) => sample.Replace("\\n", "\n", StringComparison.Ordinal);

    private static (PolicyKey Key, JsonNode Property) Find(string name)
    {
        (PolicySection section, PolicyKey key) = PolicyKeys.Sections.SelectMany(section => section.Keys.Select(key => (section, key))).First(pair => MalformedValueTests.NameOf(pair.section, pair.key) == name);
        return (key, Resolve(TableOf(section)["properties"]![key.Name]!));
    }

    private static JsonNode ItemOf(JsonNode property) => (string?)property["type"] == "array" ? Resolve(property["items"]!) : property;

    private static JsonNode Resolve(JsonNode node) =>
        (string?)node["$ref"] is { } reference ? Schema["$defs"]![reference["#/$defs/".Length..]]! : node;

    private static JsonNode TableOf(PolicySection section)
    {
        JsonNode node = section.Name.Length == 0 ? Schema : Schema["properties"]![section.Name]!;
        return (string?)node["type"] == "array" ? node["items"]! : node;
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Properties(PolicySection section) => TableOf(section)["properties"]!.AsObject();

    private static bool IsRepeated(PolicySection section) => section.Name.Length > 0 && (string?)Schema["properties"]![section.Name]!["type"] == "array";

    private static bool IsRequired(PolicySection section, string key) => TableOf(section)["required"]?.AsArray().Any(name => (string?)name == key) ?? false;
}

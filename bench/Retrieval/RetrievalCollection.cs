using System.Globalization;
using System.Text.Json;

namespace ClawOS.Bench.Retrieval;

/// <summary>Documents, questions, and how well each answers which.</summary>
/// <param name="Documents">Number and text: title, a blank line, text.</param>
/// <param name="Queries">Questions with a judged document, each with the grades above 0 by document.</param>
internal sealed record RetrievalCollection(IReadOnlyList<(string Id, string Text)> Documents, IReadOnlyList<(string Text, Dictionary<string, int> Grades)> Queries)
{
    /// <param name="folder">With docs.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query, document, grade).</param>
    internal static RetrievalCollection Load(string folder)
    {
        Dictionary<string, Dictionary<string, int>> judged = [];
        foreach (string line in File.ReadLines(Path.Combine(folder, "qrels.tsv")))
        {
            string[] parts = line.Split('\t');
            if (parts.Length < 3 || !int.TryParse(parts[2], NumberStyles.Integer, CultureInfo.InvariantCulture, out int grade) || grade <= 0)
                continue;
            if (!judged.TryGetValue(parts[0], out Dictionary<string, int>? grades))
                judged.Add(parts[0], grades = []);
            grades[parts[1]] = grade;
        }

        return new RetrievalCollection(
            [.. Records(folder, "docs.jsonl").Select(static record => (Field(record, "id"), Text(record)))],
            [.. Records(folder, "queries.jsonl").Where(record => judged.ContainsKey(Field(record, "id"))).Select(record => (Field(record, "text"), judged[Field(record, "id")]))]);
    }

    private static IEnumerable<JsonElement> Records(string folder, string name)
    {
        foreach (string line in File.ReadLines(Path.Combine(folder, name)))
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    private static string Text(JsonElement record) =>
        string.Join("\n\n", new[] { Field(record, "title"), Field(record, "text") }.Where(static part => part.Length > 0));

    private static string Field(JsonElement record, string name) =>
        record.TryGetProperty(name, out JsonElement value) ? value.ValueKind == JsonValueKind.String ? value.GetString()! : value.ToString() : "";
}

using System.Globalization;
using System.Text;

namespace ClawFS.Search;

/// <summary>What a query found.</summary>
/// <param name="Hits">The files, the best first.</param>
/// <param name="Notes">What the asker should know, a sentence each: the index is still being built, a filter matched no folder.</param>
public sealed record SearchAnswer(IReadOnlyList<SearchHit> Hits, IReadOnlyList<string> Notes)
{
    /// <summary>First line of <see cref="ToTable"/>.</summary>
    public const string TableHeader = "rank\tscore\tpath\tlines\tsnippet";

    /// <summary>What is answered while the store is locked.</summary>
    public static SearchAnswer Locked { get; } = new([], ["the store is locked; claw unlock opens it"]);

    /// <summary>The answer as tab-separated text with a header. Tabs and line ends inside a field are blanks; notes are lines that begin with '#'.</summary>
    public string ToTable()
    {
        StringBuilder table = new();
        table.Append(TableHeader).Append('\n');
        foreach (SearchHit hit in Hits)
        {
            table.Append(CultureInfo.InvariantCulture, $"{hit.Rank}\t{hit.Score:0.000}\t{OneField(hit.Path)}\t{hit.Lines}\t{OneField(hit.Snippet.Text)}\n");
        }
        foreach (string note in Notes)
        {
            table.Append("# ").Append(OneField(note)).Append('\n');
        }
        return table.ToString();
    }

    private static string OneField(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
}

using System.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>
/// `search/WORDS/`: the answer to a question, asked when somebody looks inside and asked again when the index has changed or the answer is old. A question that ends in
/// path:FOLDER goes on with the folders below it, since a name has no slash: `search/keys path:projects/x/`.
/// </summary>
internal sealed class QueryFolder : HitFolder
{
    /// <summary>The table's name in the folder.</summary>
    public const string TableName = "results.tsv";

    private readonly AnswerCache answers;
    private readonly string query;

    /// <summary>Makes the folder of a question.</summary>
    public QueryFolder(AnswerCache answers, string query)
    {
        this.answers = answers;
        this.query = query;
        Add(TableName, new AnswerFile(() => View.Table, Preparing));
    }

    /// <inheritdoc/>
    protected override SearchView View => answers.Ask(query);

    /// <inheritdoc/>
    protected override Task? Preparing() => answers.Preparing(query);

    /// <inheritdoc/>
    protected override GeneratedNode? FindDynamic(Request request, ReadOnlySpan<byte> name) =>
        base.FindDynamic(request, name) ?? Continue(Encoding.UTF8.GetString(name));

    private QueryFolder? Continue(string name)
    {
        int last = query.LastIndexOf(' ') + 1;
        return query.AsSpan(last).StartsWith("path:") && QueryNames.IsQuery(name) ? new QueryFolder(answers, $"{query}/{name}") : null;
    }
}

using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A question of `search/new`: it is asked when somebody looks, and gone with its descriptor.</summary>
internal sealed class OpenQuestion(AnswerCache answers) : Question
{
    private volatile Asked asked = new("", new SearchOptions());

    /// <inheritdoc/>
    public override string Query => asked.Query;

    /// <inheritdoc/>
    public override SearchOptions Options => asked.Options;

    /// <inheritdoc/>
    public override SearchView View
    {
        get
        {
            Asked now = asked;
            return answers.Ask(now.Query, now.Options.ToString());
        }
    }

    /// <inheritdoc/>
    public override Task? Preparing()
    {
        Asked now = asked;
        return answers.Preparing(now.Query, now.Options.ToString());
    }

    /// <inheritdoc/>
    public override int MaxBytes => Search.Query.QueryParser.MaxLength;

    /// <inheritdoc/>
    public override Rejection? Set(string query, SearchOptions options)
    {
        asked = new(query, options);
        return null;
    }

    private sealed record Asked(string Query, SearchOptions Options);
}

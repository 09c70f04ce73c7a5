using System.Globalization;
using ClawFS.Search.Saved;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A question of `search/saved`: it shows the answer that the standing search found last, of which watchers were told.</summary>
internal sealed class StandingQuestion(SearchService service, SavedQuery query) : Question
{
    private volatile SearchView? shown;

    /// <inheritdoc/>
    public override string Query => query.Question.Query;

    /// <inheritdoc/>
    public override SearchOptions Options => query.Question.Options;

    /// <inheritdoc/>
    public override SearchView View
    {
        get
        {
            SearchAnswer answer = service.Saved.AnswerOf(query).Answer;
            return shown is { } view && view.Answer == answer ? view : shown = new SearchView(answer, service.Stored);
        }
    }

    /// <inheritdoc/>
    public override int MaxBytes => SavedQueries.MaxQueryBytes;

    /// <inheritdoc/>
    public override string Status => query.Last is { } last
        ? string.Create(CultureInfo.InvariantCulture, $"asked {last.At:yyyy-MM-ddTHH:mm:ssZ}\nstate {(last.Version == service.Version ? "current" : "waiting")}\n")
        : "state waiting\n";

    /// <inheritdoc/>
    public override bool IsRemovable => true;

    /// <inheritdoc/>
    public override Rejection? Set(string text, SearchOptions options) => service.Saved.Set(query, new SavedQuestion(text, options));
}

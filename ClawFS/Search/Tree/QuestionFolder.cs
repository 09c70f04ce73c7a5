using System.Text;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A question that is written, of any length and with any characters: `query`, `opts`, and the answer in `results.tsv`, `hits/` and `status`.</summary>
internal sealed class QuestionFolder : GeneratedFolder
{
    private readonly AnswerCache answers;

    /// <summary>Makes a question.</summary>
    /// <param name="answers">Asks.</param>
    /// <param name="errors">Where refusals of what is written are explained.</param>
    public QuestionFolder(AnswerCache answers, ErrorLog errors)
    {
        this.answers = answers;
        Add("query", new QueryFile(this, errors));
        Add("opts", new OptionsFile(this, errors));
        Add(QueryFolder.TableName, new AnswerFile(() => View.Table, Answering));
        Add("status", new AnswerFile(() => Encoding.UTF8.GetBytes(Status()), Answering));
        Add("hits", new Hits(this));
    }

    /// <summary>What is asked.</summary>
    public string Query { get; private set; } = "";

    /// <summary>How it is answered.</summary>
    public SearchOptions Options { get; private set; } = new();

    /// <summary>The answer.</summary>
    public SearchView View => answers.Ask(Query, Options.ToString());

    private void Set(string query, SearchOptions options) => (Query, Options) = (query, options);

    /// <inheritdoc/>
    protected override Task? Preparing(ReadOnlySpan<byte> name) => name.SequenceEqual("query"u8) || name.SequenceEqual("opts"u8) ? null : Answering();

    private Task? Answering() => answers.Preparing(Query, Options.ToString());

    private string Status()
    {
        SearchAnswer answer = View.Answer;
        return $"hits {answer.Hits.Count}\n" + string.Concat(answer.Notes.Select(static note => $"note {note}\n"));
    }

    private sealed class Hits(QuestionFolder question) : HitFolder
    {
        protected override SearchView View => question.View;

        protected override Task? Preparing() => question.Answering();
    }

    private sealed class QueryFile(QuestionFolder question, ErrorLog errors) : WritableFile(errors, capacity: Search.Query.QueryParser.MaxLength)
    {
        protected override byte[] Render() => Encoding.UTF8.GetBytes(question.Query.Length == 0 ? "" : question.Query + "\n");

        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content)
        {
            question.Set(Encoding.UTF8.GetString(content).ReplaceLineEndings(" ").Trim(), question.Options);
            return null;
        }
    }

    private sealed class OptionsFile(QuestionFolder question, ErrorLog errors) : WritableFile(errors, capacity: 256)
    {
        protected override byte[] Render() => Encoding.UTF8.GetBytes(question.Options + "\n");

        protected override Rejection? CheckLine(ReadOnlySpan<byte> line) => Wrong(line);

        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content)
        {
            question.Set(question.Query, SearchOptions.Parse(Encoding.UTF8.GetString(content)));
            return null;
        }

        private static Rejection? Wrong(ReadOnlySpan<byte> line)
        {
            string text = Encoding.UTF8.GetString(line);
            foreach (string part in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                if (new SearchOptions().With(part) is null)
                {
                    return new($"'{part}': options are k=1..{SearchOptions.MaxCount}, ef=0..10000 and mode=hybrid|rrf|words|vectors", text.IndexOf(part, StringComparison.Ordinal));
                }
            }
            return null;
        }
    }
}

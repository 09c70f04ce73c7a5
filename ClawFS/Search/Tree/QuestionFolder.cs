using System.Text;
using ClawFS.Linux;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>A question that is written, with any characters: `query`, `opts`, and the answer in `results.tsv`, `hits/` and `status`.</summary>
internal sealed class QuestionFolder : GeneratedFolder
{
    private readonly Question question;
    private readonly AnswerFile results;

    /// <summary>Makes the folder of a question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="errors">Where refusals of what is written are explained.</param>
    public QuestionFolder(Question question, ErrorLog errors)
    {
        this.question = question;
        results = new AnswerFile(() => question.View.Table, question.Preparing, wakesFolder: true);
        Add("query", new QueryFile(question, errors));
        Add("opts", new OptionsFile(question, errors));
        Add(QueryFolder.TableName, results);
        Add("status", new AnswerFile(() => Encoding.UTF8.GetBytes(Status()), question.Preparing));
        Add("hits", new QuestionHits(question));
    }

    /// <summary>Wakes who watches.</summary>
    public void AnswerChanged() => results.Changed();

    /// <inheritdoc/>
    protected override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child) =>
        !question.IsRemovable ? Errno.EPERM : Remove(Encoding.UTF8.GetString(name)) ? Errno.Ok : Errno.ENOENT;

    /// <inheritdoc/>
    protected override Task? Preparing(ReadOnlySpan<byte> name) => name.SequenceEqual("query"u8) || name.SequenceEqual("opts"u8) ? null : question.Preparing();

    private string Status()
    {
        SearchAnswer answer = question.View.Answer;
        return $"hits {answer.Hits.Count}\n{question.Status}" + string.Concat(answer.Notes.Select(static note => $"note {note}\n"));
    }

    private sealed class QueryFile(Question question, ErrorLog errors) : WritableFile(errors, capacity: question.MaxBytes)
    {
        protected override byte[] Render() => Encoding.UTF8.GetBytes(question.Query.Length == 0 ? "" : question.Query + "\n");

        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content) =>
            question.Set(Encoding.UTF8.GetString(content).ReplaceLineEndings(" ").Trim(), question.Options);
    }

    private sealed class OptionsFile(Question question, ErrorLog errors) : WritableFile(errors, capacity: 256)
    {
        protected override byte[] Render() => Encoding.UTF8.GetBytes(question.Options + "\n");

        protected override Rejection? CheckLine(ReadOnlySpan<byte> line) => Wrong(line);

        protected override Rejection? Commit(Request request, ReadOnlySpan<byte> content) => question.Set(question.Query, SearchOptions.Parse(Encoding.UTF8.GetString(content)));

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

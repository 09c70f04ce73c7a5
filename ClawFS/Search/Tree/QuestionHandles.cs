using System.Globalization;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>The numbered questions of `search/new` that are open: `search/7/`.</summary>
internal sealed class QuestionHandles(GeneratedFolder search, AnswerCache answers, ErrorLog errors)
{
    /// <summary>Most questions open at once.</summary>
    private const int Capacity = 1024;

    private readonly Lock gate = new();
    private readonly HashSet<int> open = [];
    private int last;

    /// <summary>Makes the next question; null when too many are open.</summary>
    public int? TryOpen()
    {
        int number;
        lock (gate)
        {
            if (open.Count == Capacity)
            {
                return null;
            }
            number = ++last;
            open.Add(number);
        }
        search.Add(NameOf(number), new QuestionFolder(new OpenQuestion(answers), errors), listed: false);
        return number;
    }

    /// <summary>Takes a question away.</summary>
    public void Close(int number)
    {
        search.Remove(NameOf(number));
        lock (gate)
        {
            open.Remove(number);
        }
    }

    private static string NameOf(int number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Text;
using ClawFS.Linux;
using ClawFS.Search.Saved;
using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>`search/saved/`: a folder a standing query. mkdir makes one, rmdir and rm -r remove it. Empty while the store is locked.</summary>
internal sealed class SavedFolder(ErrorLog errors) : GeneratedFolder
{
    public const string FileName = "saved";

    private readonly Lock gate = new();
    private readonly Dictionary<string, SavedQuery> shown = new(StringComparer.Ordinal);
    private SearchService? service;

    /// <summary>Shows the queries of another store, or none while there is no store open.</summary>
    public void Show(SearchService? next)
    {
        lock (gate)
        {
            foreach (string name in shown.Keys)
            {
                Remove(name);
            }
            shown.Clear();
            service = next;
            foreach (SavedQuery query in next?.Saved.All ?? [])
            {
                Show(next!, query);
            }
        }
    }

    /// <inheritdoc/>
    protected override Errno MakeFolder(Request request, ReadOnlySpan<byte> name)
    {
        if (Current is not { } running)
        {
            return Errno.ENOKEY;
        }
        if (running.Saved.TryAdd(name, out SavedQuery? added) is { } refused)
        {
            return Refuse(request, name, refused);
        }
        lock (gate)
        {
            if (service != running)
            {
                return Errno.ENOKEY;
            }
            Show(running, added!);
            return Errno.Ok;
        }
    }

    /// <inheritdoc/>
    protected override Errno RemoveChild(Request request, ReadOnlySpan<byte> name, GeneratedNode child)
    {
        string text = Encoding.UTF8.GetString(name);
        SavedQuery? query;
        lock (gate)
        {
            shown.TryGetValue(text, out query);
        }
        if (query is null || Current is not { } running)
        {
            return Errno.ENOENT;
        }
        if (running.Saved.Remove(query) is { } refused)
        {
            return Refuse(request, name, refused);
        }
        lock (gate)
        {
            if (shown.TryGetValue(text, out SavedQuery? still) && still == query)
            {
                shown.Remove(text);
                Remove(text);
            }
        }
        return Errno.Ok;
    }

    private SearchService? Current
    {
        get
        {
            lock (gate)
            {
                return service;
            }
        }
    }

    private void Show(SearchService running, SavedQuery query)
    {
        if (shown.TryAdd(query.Name, query))
        {
            QuestionFolder folder = new(new StandingQuestion(running, query), errors);
            query.Changed = folder.AnswerChanged;
            Add(query.Name, folder);
        }
    }

    private Errno Refuse(Request request, ReadOnlySpan<byte> name, Rejection refused)
    {
        errors.Add(ToString(), request.Pid, refused, name);
        return refused.Error;
    }
}

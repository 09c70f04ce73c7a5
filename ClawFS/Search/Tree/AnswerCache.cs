namespace ClawFS.Search.Tree;

/// <summary>
/// Asks for the tree and keeps the answers: to list a folder, stat its files and read them is one question, not ten. An answer serves while the index is as it was, and for a
/// moment longer while it changes all the time. Safe for several threads; two may ask the same at once.
/// </summary>
internal sealed class AnswerCache(Func<SearchService?> service)
{
    /// <summary>Milliseconds for which an answer serves although the index has changed.</summary>
    private const int MomentMilliseconds = 200;

    /// <summary>Milliseconds after which a question is asked anew in any case: dates and attributes change without the index.</summary>
    private const int LongestMilliseconds = 30_000;

    private const int Capacity = 512;

    private readonly Lock gate = new();
    private readonly Dictionary<(string Query, string Options), Entry> entries = [];

    /// <summary>The answer to a question, as new as the rules above want it.</summary>
    /// <param name="query">As typed.</param>
    /// <param name="options">"k=20 mode=hybrid", see <see cref="SearchOptions"/>; empty for the defaults.</param>
    public SearchView Ask(string query, string options = "")
    {
        long now = Environment.TickCount64;
        SearchService? asked = service();
        long version = asked?.Version ?? 0;
        if (Serving(query, options, asked, version, now, out Entry? kept) is { } serves)
        {
            return serves.View;
        }
        SearchAnswer answer = asked?.Search(query, SearchOptions.Parse(options)) ?? SearchAnswer.Locked;
        // The same files in the same order are no change: watchers and `find -newer` see real ones.
        bool isSame = kept is not null && kept.Service == asked && kept.View.Answer.Hits.SequenceEqual(answer.Hits) && kept.View.Answer.Notes.SequenceEqual(answer.Notes);
        Entry made = new(isSame ? kept!.View : new SearchView(answer, asked?.Stored), asked, version, now);
        lock (gate)
        {
            if (entries.Count >= Capacity)
            {
                entries.Remove(entries.MinBy(static entry => entry.Value.At).Key);
            }
            entries[(query, options)] = made;
        }
        return made.View;
    }

    /// <summary>What a question waits for before it is asked; null: it can be asked at once.</summary>
    public Task? Preparing(string query, string options = "")
    {
        SearchService? asked = service();
        return asked is null || Serving(query, options, asked, asked.Version, Environment.TickCount64, out _) is not null ? null : asked.Preparing(query, SearchOptions.Parse(options));
    }

    /// <summary>The entry if it is new enough; <paramref name="kept"/> also when it is not.</summary>
    private Entry? Serving(string query, string options, SearchService? asked, long version, long now, out Entry? kept)
    {
        lock (gate)
        {
            return entries.TryGetValue((query, options), out kept) && kept.Service == asked && now - kept.At < (kept.Version == version ? LongestMilliseconds : MomentMilliseconds) ? kept : null;
        }
    }

    private sealed record Entry(SearchView View, SearchService? Service, long Version, long At);
}

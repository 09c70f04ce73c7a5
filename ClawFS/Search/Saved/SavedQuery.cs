namespace ClawFS.Search.Saved;

/// <summary>A standing query: a question with a name that is asked again when the index has changed. Safe for several threads.</summary>
/// <param name="name">Its name.</param>
internal sealed class SavedQuery(string name)
{
    private readonly Lock gate = new();
    private KnownHits? known;
    private volatile Asked? last;

    /// <summary>Its name, that of its folder.</summary>
    public string Name { get; } = name;

    /// <summary>What is asked; replaced as a whole.</summary>
    public SavedQuestion Question { get; private set; } = new("", new SearchOptions());

    /// <summary>The last answer to the question as it is; null until it is asked.</summary>
    public Asked? Last => last;

    /// <summary>Called when the answer is another one, on the thread that asked.</summary>
    public Action Changed { get; set; } = static () => { };

    /// <summary>Puts together what was kept in the store.</summary>
    public void Restore(SavedQuestion question, KnownHits? hits) => (Question, known) = (question, hits);

    /// <summary>Takes another question; what it finds at first is not new.</summary>
    /// <param name="question">The question.</param>
    /// <param name="asked">Its answer. While the index is not complete, all that is found later is new.</param>
    public void Set(SavedQuestion question, Asked asked)
    {
        lock (gate)
        {
            Question = question;
            known = new KnownHits();
            known.Take(asked.Answer.Hits);
            last = asked.IsComplete ? asked : null;
        }
        Changed();
    }

    /// <summary>Takes the next answer, unless the question has changed meanwhile.</summary>
    /// <returns>The hits that are new, and whether there is something to keep in the store.</returns>
    public (IReadOnlyList<SearchHit> Fresh, bool Keep) Take(SavedQuestion question, Asked asked)
    {
        bool isSame;
        (IReadOnlyList<SearchHit> Fresh, bool Keep) taken;
        lock (gate)
        {
            if (Question != question)
            {
                return ([], false);
            }
            known ??= new KnownHits();
            taken = known.Take(asked.Answer.Hits);
            isSame = last is { } before && before.Answer.Hits.SequenceEqual(asked.Answer.Hits) && before.Answer.Notes.SequenceEqual(asked.Answer.Notes);
            // The same answer stays the same object: whoever shows it need not make it again.
            last = isSame ? asked with { Answer = last!.Answer } : asked;
        }
        if (!isSame)
        {
            Changed();
        }
        return taken;
    }

    /// <summary>Looks at what is known without its changing meanwhile.</summary>
    public void Read(Action<SavedQuestion, KnownHits?> look)
    {
        lock (gate)
        {
            look(Question, known);
        }
    }
}

/// <summary>What a standing query asks.</summary>
/// <param name="Query">As typed; empty: nothing.</param>
/// <param name="Options">How.</param>
internal sealed record SavedQuestion(string Query, SearchOptions Options);

/// <summary>An answer, and of what moment it is.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="Version">Of the index (<see cref="SearchService.Version"/>), before it was asked.</param>
/// <param name="At">When, UTC.</param>
/// <param name="IsComplete">Whether the index knew all files.</param>
internal sealed record Asked(SearchAnswer Answer, long Version, DateTime At, bool IsComplete);

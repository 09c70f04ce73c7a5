namespace ClawFS.Search.Query;

/// <summary>What is searched for: words to rank by, and conditions that a file must meet. Made by <see cref="QueryParser"/>.</summary>
internal sealed record SearchQuery
{
    /// <summary>The words, phrases included, as they were typed: what hits are ranked by. May be empty when there are conditions.</summary>
    public string Text { get; init; } = "";

    /// <summary>Texts in quotes: a hit contains each of them, whatever the case and the blanks between words.</summary>
    public IReadOnlyList<string> Phrases { get; init; } = [];

    /// <summary>Words and texts with a minus in front: no hit contains one.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>path: folders or files below memory/, without slashes at the ends. A hit lies in or below one of them.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>type: endings without the dot, in lower case. A hit has one of them.</summary>
    public IReadOnlyList<string> Types { get; init; } = [];

    /// <summary>tag: words of user.claw.tags. A hit has all of them.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>after: the first moment at which a hit may have been written.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>before: the moment by which a hit was written, itself excluded.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Whether there is nothing to look for.</summary>
    public bool IsEmpty => Text.Length == 0 && !HasConditions;

    /// <summary>Whether the place, date, ending or tags of a file matter.</summary>
    public bool HasConditions => Paths.Count + Types.Count + Tags.Count != 0 || After is not null || Before is not null;
}

using ClawFS.Vfs;

namespace ClawFS.Search.Tree;

/// <summary>What a <see cref="QuestionFolder"/> asks: one of `search/new`, or a standing one.</summary>
internal abstract class Question
{
    /// <summary>What is asked.</summary>
    public abstract string Query { get; }

    /// <summary>How it is answered.</summary>
    public abstract SearchOptions Options { get; }

    /// <summary>The answer.</summary>
    public abstract SearchView View { get; }

    /// <summary>What the answer waits for; null: it can be had at once.</summary>
    public virtual Task? Preparing() => null;

    /// <summary>Bytes of the longest question.</summary>
    public abstract int MaxBytes { get; }

    /// <summary>Lines of `status` that only this kind has.</summary>
    public virtual string Status => "";

    /// <summary>Whether callers may remove what is in the folder, on their way to remove the folder.</summary>
    public virtual bool IsRemovable => false;

    /// <summary>Asks something else; null, or why not.</summary>
    public abstract Rejection? Set(string query, SearchOptions options);
}

namespace ClawFS.Search.Text;

/// <summary>The titles that stand over the current place, outermost first.</summary>
internal sealed class HeadingPath
{
    private readonly Stack<(int Level, string Title)> _titles = new();

    /// <summary>Depth of the innermost title; 0 without one.</summary>
    internal int Level => _titles.TryPeek(out var top) ? top.Level : 0;

    /// <summary>The path as text, cut from the front to <see cref="ChunkRules.MaxHeading"/> characters.</summary>
    internal string Text { get; private set; } = "";

    /// <summary>A title of this level ends all that are as deep or deeper.</summary>
    internal void Enter(int level, string title)
    {
        while (_titles.TryPeek(out var top) && top.Level >= level)
            _titles.Pop();
        if (title.Length > 0)
            _titles.Push((level, title));
        string path = string.Join(" > ", _titles.Reverse().Select(static entry => entry.Title));
        if (path.Length > ChunkRules.MaxHeading)
            path = path[^ChunkRules.MaxHeading..];
        Text = path.Length > 0 && char.IsLowSurrogate(path[0]) ? path[1..] : path;
    }
}

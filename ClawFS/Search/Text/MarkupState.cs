namespace ClawFS.Search.Text;

/// <summary>Where in its markup a piece of HTML begins, so that a chunk is read the same alone and within its file. The values are stored: never renumber.</summary>
internal enum MarkupState : byte
{
    /// <summary>Between tags; everything that is not HTML is always here.</summary>
    Text = 0,

    /// <summary>Inside a tag, before its closing bracket.</summary>
    Tag = 1,

    /// <summary>Inside a comment.</summary>
    Comment = 2,

    /// <summary>Inside a script element.</summary>
    Script = 3,

    /// <summary>Inside a style element.</summary>
    Style = 4,
}

namespace ClawFS.Search.Text;

/// <summary>How a file's bytes are read as text. The values are stored: never renumber.</summary>
internal enum TextKind : byte
{
    /// <summary>Not text that can be read here.</summary>
    None = 0,

    /// <summary>Plain text, logs, reStructuredText, mail.</summary>
    Plain = 1,

    /// <summary>Markdown: headings with # or an underline.</summary>
    Markdown = 2,

    /// <summary>Source code and configuration.</summary>
    Code = 3,

    /// <summary>JSON and its line form.</summary>
    Json = 4,

    /// <summary>Comma or tab separated rows.</summary>
    Csv = 5,

    /// <summary>HTML, XML and SVG: what stands between the tags.</summary>
    Html = 6,
}

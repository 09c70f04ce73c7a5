namespace ClawOS.Security.Policy.Toml;

/// <summary>How a table came to be, which decides who may add to it.</summary>
internal enum TableOrigin
{
    /// <summary>Named on the way to another: a header may still define it.</summary>
    Implied,

    /// <summary>By its own header.</summary>
    Header,

    /// <summary>By a key with dots: only such keys add to it.</summary>
    Dotted,

    /// <summary>In braces: nothing is added behind them.</summary>
    Inline,
}

/// <summary>A key with its place and its value.</summary>
internal sealed record TomlEntry(string Key, Mark Mark, TomlNode Value);

internal sealed class TomlTable(Mark mark, TableOrigin origin) : TomlNode(mark)
{
    private readonly Dictionary<string, TomlEntry> _byKey = new(StringComparer.Ordinal);

    internal TableOrigin Origin { get; set; } = origin;

    /// <summary>In the order of the file.</summary>
    internal List<TomlEntry> Entries { get; } = [];

    internal override string Described => "a table";

    internal TomlEntry? Find(string key) => _byKey.GetValueOrDefault(key);

    internal void Add(TomlEntry entry)
    {
        _byKey.Add(entry.Key, entry);
        Entries.Add(entry);
    }
}

namespace ClawOS.Security.Policy.Toml;

/// <summary>A value with its place.</summary>
internal abstract class TomlNode(Mark mark)
{
    internal Mark Mark => mark;

    /// <summary>What it is, for a message: "a text".</summary>
    internal abstract string Described { get; }
}

internal sealed class TomlText(Mark mark, string value) : TomlNode(mark)
{
    internal string Value => value;

    internal override string Described => "a text";
}

internal sealed class TomlInteger(Mark mark, long value) : TomlNode(mark)
{
    internal long Value => value;

    internal override string Described => "a whole number";
}

internal sealed class TomlBoolean(Mark mark, bool value) : TomlNode(mark)
{
    internal bool Value => value;

    internal override string Described => "true or false";
}

/// <summary>A kind of value that no key of a policy takes.</summary>
internal sealed class TomlOther(Mark mark, string described) : TomlNode(mark)
{
    internal override string Described => described;
}

/// <param name="mark">Its place.</param>
/// <param name="isOfHeaders">Whether it is made of [[headers]], so that another may be added.</param>
internal sealed class TomlArray(Mark mark, bool isOfHeaders = false) : TomlNode(mark)
{
    internal List<TomlNode> Items { get; } = [];

    internal bool IsOfHeaders => isOfHeaders;

    internal override string Described => "a list";
}

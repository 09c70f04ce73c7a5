namespace ClawOS.Security.GuardLink;

/// <summary>One line of what is shown to who is asked: either a text or a list of them. Whatever it says, it is shown as one line.</summary>
public sealed record CardField
{
    /// <summary>The name of the line: 1 to 16 of a-z, 0-9 and "_".</summary>
    public string Name { get; init; } = "";

    /// <summary>The text.</summary>
    public string? Text { get; init; }

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string>? List { get; init; }

    /// <summary>A line with one text.</summary>
    public static CardField Of(string name, string text) => new() { Name = name, Text = text };

    /// <summary>A line with a list.</summary>
    public static CardField Of(string name, IReadOnlyList<string> list) => new() { Name = name, List = list };
}

namespace ClawOS.Security.Policy;

/// <summary>Why a policy is refused, and where.</summary>
/// <param name="File">The name that the policy file was read under.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
/// <param name="Length">How much of the line is meant, at least 1.</param>
/// <param name="Message">What is wrong, without a full stop.</param>
/// <param name="Suggestion">What to do, or empty.</param>
/// <param name="SourceText">The line itself.</param>
public sealed record PolicyError(string File, int Line, int Column, int Length, string Message, string Suggestion, string SourceText)
{
    // How much of a long line is shown, and how much of that stands before the caret.
    private const int Shown = 160;
    private const int ShownBefore = 60;

    /// <summary>Whether something is missing, which a further line might bring.</summary>
    internal bool IsOfAbsence { get; init; }

    /// <summary>Message, source line with a caret below, suggestion: two to four lines joined by line feeds. Of a line with more than 160 characters a part is shown.</summary>
    public override string ToString()
    {
        int start = SourceText.Length > Shown ? Math.Max(0, Column - 1 - ShownBefore) : 0;
        string part = SourceText[start..Math.Min(SourceText.Length, start + Shown)];
        int before = Column - 1 - start;
        // Tabs stay tabs, so that the caret stands below what it means however wide they are shown.
        string indent = new([.. part.Take(before).Select(character => character == '\t' ? '\t' : ' ')]);
        string caret = new('^', Math.Clamp(Length, 1, Math.Max(1, part.Length - before)));
        string number = $"{Line}";
        string gap = new(' ', number.Length);
        string shown = $"{File}:{Line}:{Column}: {Message}\n  {number} | {part}\n  {gap} | {indent}{caret}";
        return Suggestion.Length == 0 ? shown : $"{shown}\n  {gap} = {Suggestion}";
    }
}

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
    /// <summary>Message, source line with a caret below, suggestion: two to four lines joined by line feeds.</summary>
    public override string ToString()
    {
        // Tabs stay tabs, so that the caret stands below what it means however wide they are shown.
        string indent = new([.. SourceText.Take(Column - 1).Select(character => character == '\t' ? '\t' : ' ')]);
        string number = $"{Line}";
        string gap = new(' ', number.Length);
        string shown = $"{File}:{Line}:{Column}: {Message}\n  {number} | {SourceText}\n  {gap} | {indent}{new string('^', Length)}";
        return Suggestion.Length == 0 ? shown : $"{shown}\n  {gap} = {Suggestion}";
    }
}

namespace ClawOS.Security.Seccomp;

/// <summary>Something wrong in a profile, and where.</summary>
/// <param name="File">The profile's name.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
/// <param name="Length">Characters to underline, at least 1.</param>
/// <param name="Message">One line, without the place.</param>
/// <param name="Suggestion">What was probably meant; null if nothing is near.</param>
public sealed record ProfileError(string File, int Line, int Column, int Length, string Message, string? Suggestion)
{
    /// <summary>Like "tool.json:3:14: no system call is named opne; did you mean open?".</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {Message}{(Suggestion is null ? "" : $"; did you mean {Suggestion}?")}";
}

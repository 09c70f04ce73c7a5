namespace ClawOS.Security.Policy.Values;

/// <summary>Why a value is refused; the place is known to whoever asked.</summary>
internal sealed record Fault(string Message, string Suggestion = "");

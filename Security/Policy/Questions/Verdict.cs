namespace ClawOS.Security.Policy;

/// <summary>What a policy says to a question.</summary>
public enum Verdict
{
    /// <summary>No.</summary>
    Denied,

    /// <summary>Yes.</summary>
    Allowed,

    /// <summary>The profile of system calls decides, which the policy only names.</summary>
    ByProfile,
}

/// <summary>A verdict and why.</summary>
/// <param name="Verdict">Yes or no.</param>
/// <param name="Layers">What enforces it.</param>
/// <param name="Source">The rule that decides; null: no rule is about it, which denies.</param>
/// <param name="Reason">In words.</param>
public sealed record Explanation(Verdict Verdict, Layers Layers, SourceLine? Source, string Reason)
{
    /// <summary>"allowed by view+landlock, coder.toml:12: read of '/usr/**'".</summary>
    public override string ToString()
    {
        string verdict = Verdict switch
        {
            Verdict.Allowed => "allowed",
            Verdict.Denied => "denied",
            _ => "decided",
        };
        return $"{verdict} by {Layers.ToText()}{(Source is { } line ? $", {line}" : "")}: {Reason}";
    }
}

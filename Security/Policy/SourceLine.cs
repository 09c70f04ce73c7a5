namespace ClawOS.Security.Policy;

/// <summary>Where a rule stands.</summary>
/// <param name="File">The name that the policy file was read under, like "coder.toml".</param>
/// <param name="Line">Its line, from 1.</param>
public readonly record struct SourceLine(string File, int Line)
{
    /// <summary>"coder.toml:12".</summary>
    public override string ToString() => $"{File}:{Line}";
}

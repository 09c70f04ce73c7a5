namespace ClawOS.Cli.Doctor;

/// <summary>How a fact about this machine bears on ClawOS.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, with less.</summary>
    Limited,

    /// <summary>It cannot work.</summary>
    Missing,

    /// <summary>It could not be tried, and nothing is known.</summary>
    Untried,
}

/// <summary>One checked fact.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Verdict">What it means.</param>
/// <param name="Fact">What was found.</param>
/// <param name="WayOut">What to do about it; null when there is nothing to do.</param>
internal sealed record Finding(string Name, Verdict Verdict, string Fact, string? WayOut = null)
{
    /// <summary>How long what was tried took; null for what was only read.</summary>
    public TimeSpan? Took { get; init; }
}

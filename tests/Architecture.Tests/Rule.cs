namespace Architecture.Tests;

/// <summary>States a rule by what breaks it.</summary>
internal static class Rule
{
    /// <summary>Fails with the whole list, so that one run shows all there is to mend.</summary>
    internal static void NoneBreaks(IEnumerable<string?> breaches)
    {
        string?[] found = [.. breaches];
        Assert.True(found.Length == 0, "broken by\n  " + string.Join("\n  ", found));
    }
}

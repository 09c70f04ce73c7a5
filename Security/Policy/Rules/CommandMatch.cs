using ClawOS.Security.Policy.Values;

namespace ClawOS.Security.Policy.Rules;

/// <summary>Compares command lines, and rules about them, with rules.</summary>
internal static class CommandMatch
{
    /// <summary>As the last pattern: any number of further arguments.</summary>
    internal const string Rest = "**";

    /// <summary>Whether a rule lets its program start with these arguments.</summary>
    internal static bool Allows(CommandRule rule, IReadOnlyList<string> arguments) =>
        FitsPositions(rule.Arguments, arguments)
        && !arguments.Any(argument => rule.Forbidden.Any(pattern => Glob.IsMatch(pattern, argument, Glob.None)));

    /// <summary>Whether whatever one rule allows, another of the same program allows too. Never a false yes.</summary>
    internal static bool Covers(CommandRule wide, CommandRule narrow) =>
        (narrow.NeedsApproval || !wide.NeedsApproval) && CoversPositions(wide.Arguments, narrow.Arguments) && wide.Forbidden.All(pattern => NeverMatches(pattern, narrow));

    private static bool FitsPositions(IReadOnlyList<string>? patterns, IReadOnlyList<string> arguments)
    {
        if (patterns is null)
        {
            return true;
        }

        (int count, bool isOpen) = Positions(patterns);
        return (isOpen ? arguments.Count >= count : arguments.Count == count)
            && Enumerable.Range(0, count).All(i => Glob.IsMatch(patterns[i], arguments[i], Glob.None));
    }

    private static bool CoversPositions(IReadOnlyList<string>? wide, IReadOnlyList<string>? narrow)
    {
        if (wide is null || narrow is null)
        {
            return wide is null;
        }

        (int wideCount, bool wideIsOpen) = Positions(wide);
        (int narrowCount, bool narrowIsOpen) = Positions(narrow);
        return (wideIsOpen ? narrowCount >= wideCount : narrowCount == wideCount && !narrowIsOpen)
            && Enumerable.Range(0, wideCount).All(i => Glob.Covers(wide[i], narrow[i], Glob.None));
    }

    /// <summary>Whether no command line of a rule has an argument that a pattern matches: it forbids as much itself, or names every argument in full.</summary>
    private static bool NeverMatches(string pattern, CommandRule rule) =>
        rule.Forbidden.Any(own => Glob.Covers(own, pattern, Glob.None))
        || (rule.Arguments is not null && rule.Arguments.All(argument => !Glob.IsPattern(argument) && !Glob.IsMatch(pattern, argument, Glob.None)));

    private static (int Count, bool IsOpen) Positions(IReadOnlyList<string> patterns) =>
        patterns.Count > 0 && patterns[^1] == Rest ? (patterns.Count - 1, true) : (patterns.Count, false);
}

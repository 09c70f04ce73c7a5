namespace ClawOS.Security.Seccomp;

/// <summary>System calls that a profile treats alike, and why.</summary>
public sealed class SyscallGroup
{
    internal SyscallGroup(IReadOnlyList<string> names, FilterAction action, IReadOnlyList<ArgumentTest> arguments, string comment) =>
        (Names, Action, Arguments, Comment) = (names, action, arguments, comment);

    /// <summary>The calls' names, in the order of the file. One that an architecture lacks says nothing there.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>What happens to them.</summary>
    public FilterAction Action { get; }

    /// <summary>Conditions that must all hold; none for every call.</summary>
    public IReadOnlyList<ArgumentTest> Arguments { get; }

    /// <summary>Why the group is there; never empty.</summary>
    public string Comment { get; }

    /// <summary>Whether it decides every call of its names.</summary>
    internal bool IsUnconditional => Arguments.Count == 0;

    internal bool Holds(ReadOnlySpan<ulong> arguments)
    {
        foreach (ArgumentTest test in Arguments)
        {
            if (!test.Holds(arguments[test.Index]))
            {
                return false;
            }
        }

        return true;
    }

    internal SyscallGroup With(IEnumerable<string> names) => new([.. names], Action, Arguments, Comment);
}

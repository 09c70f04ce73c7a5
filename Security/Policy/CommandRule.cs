using ClawOS.Security.Policy.Rules;

namespace ClawOS.Security.Policy;

/// <summary>
/// A program that may be launched, and how. Its file may be executed, and its arguments are compared by whoever launches it: a program that already runs starts only what
/// <see cref="PathAccess.Execute"/> or a command names, with any arguments.
/// </summary>
/// <param name="Path">Absolute path of the executable.</param>
/// <param name="Arguments">A pattern for each argument behind the program's name: * is any text, ? one character; ** as the last one stands for any number of further arguments. Null: any arguments.</param>
/// <param name="Forbidden">Patterns that no argument may match.</param>
/// <param name="Source">Where it is written.</param>
/// <param name="NeedsApproval">Whether every launch waits for the owner's yes. Its file can then be started by nothing but such a launch.</param>
public sealed record CommandRule(string Path, IReadOnlyList<string>? Arguments, IReadOnlyList<string> Forbidden, SourceLine Source, bool NeedsApproval = false)
{
    /// <summary>Whether its arguments matter.</summary>
    internal bool HasArguments => Arguments is not null || Forbidden.Count > 0;

    /// <summary>Whether it matters how it is launched: its arguments do, or the owner is asked.</summary>
    public bool IsConstrained => HasArguments || NeedsApproval;

    /// <summary>Whether the program may be launched with these arguments. What explains a policy and what enforces it ask here.</summary>
    /// <param name="arguments">Those behind the program's name.</param>
    public bool Allows(IReadOnlyList<string> arguments) => CommandMatch.Allows(this, arguments);
}

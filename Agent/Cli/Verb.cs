using System.CommandLine;

namespace ClawOS.Cli;

/// <summary>A verb of claw: a command whose help ends with examples that work when pasted.</summary>
internal sealed class Verb : Command
{
    /// <param name="name">The word on the command line.</param>
    /// <param name="description">One sentence or more.</param>
    /// <param name="examples">At least one.</param>
    internal Verb(string name, string description, params string[] examples)
        : base(name, description) => Examples = examples;

    internal IReadOnlyList<string> Examples { get; }
}

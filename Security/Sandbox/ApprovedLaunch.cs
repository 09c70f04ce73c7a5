using ClawOS.Security.Policy;

namespace ClawOS.Security.Sandbox;

/// <summary>A launch that waits for the owner's yes: this program with these words, and nothing else.</summary>
/// <param name="Program">The file that is started, with every symbolic link followed.</param>
/// <param name="Command">All its words, its own path first: many a program does another thing under another name.</param>
/// <param name="Source">The command of the policy that wants it.</param>
public sealed record ApprovedLaunch(string Program, IReadOnlyList<string> Command, SourceLine Source)
{
    /// <summary>Whether the same file would be started with the same words.</summary>
    public bool IsSameAs(ApprovedLaunch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Program == other.Program && Command.SequenceEqual(other.Command, StringComparer.Ordinal);
    }
}

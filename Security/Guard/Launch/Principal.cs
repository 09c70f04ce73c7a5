namespace ClawOS.Security.Guard;

/// <summary>Who speaks at a launch socket. The socket says it, and nobody is asked: each view has a socket of its own.</summary>
/// <param name="Policy">The policy that everything started here is within; null at the owner's socket, where any may be named.</param>
/// <param name="Workspace">What $WORKSPACE stands for; null: the request says it.</param>
internal sealed record Principal(string? Policy, string? Workspace)
{
    /// <summary>The owner of the mount.</summary>
    internal static Principal Owner { get; } = new(null, null);
}

namespace ClawFS.Supervisor;

/// <summary>
/// One line from the control socket or from the start report. Lines with <see cref="Progress"/> may come first; the last line
/// has <see cref="Done"/> set.
/// </summary>
public sealed record ControlReply
{
    /// <summary>What is being done, for a person who waits.</summary>
    public string? Progress { get; init; }

    /// <summary>Whether this is the last line.</summary>
    public bool Done { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Error { get; init; }

    /// <summary>claw's exit code for <see cref="Error"/>; 0 without one.</summary>
    public int Code { get; init; }

    /// <summary>Whether the reason is that programs use the mount.</summary>
    public bool Busy { get; init; }

    /// <summary>The state after the request, where it was asked for.</summary>
    public StatusReport? Status { get; init; }
}

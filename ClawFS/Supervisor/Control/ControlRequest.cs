namespace ClawFS.Supervisor;

/// <summary>One line to the control socket.</summary>
public sealed record ControlRequest
{
    /// <summary>"ping", "status" or "down".</summary>
    public string Command { get; init; } = "";

    /// <summary>For "down": abort the connection when programs still use the mount, after a commit.</summary>
    public bool Force { get; init; }

    /// <summary>For "down": how long to try the clean way before the mount counts as in use, in milliseconds.</summary>
    public int PatienceMs { get; init; } = 5000;
}

using System.Text.Json.Serialization;

namespace ClawFS.Supervisor;

/// <summary>In which state a service or the mount as a whole is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ServiceState>))]
public enum ServiceState
{
    /// <summary>Not running, and not about to.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>Started, not ready.</summary>
    [JsonStringEnumMemberName("starting")]
    Starting,

    /// <summary>Ready.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Ended by itself; being started again.</summary>
    [JsonStringEnumMemberName("restarting")]
    Restarting,

    /// <summary>Running without the store's key: stored files answer ENOKEY until claw unlock.</summary>
    [JsonStringEnumMemberName("locked")]
    Locked,

    /// <summary>Going down because it was told to.</summary>
    [JsonStringEnumMemberName("stopping")]
    Stopping,

    /// <summary>Ended by itself and cannot be started again; the message says why.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>One service of a mount.</summary>
/// <param name="Name">"supervisor", "fs", "notify", or "embed" and "embed-next" while fs wants them.</param>
/// <param name="Pid">Its process id; 0 when it does not run.</param>
/// <param name="State">Its state.</param>
/// <param name="Uid">The user id it runs under.</param>
/// <param name="Restarts">How often it was started again since the mount came up.</param>
/// <param name="StartedAt">When this process was started.</param>
public sealed record ServiceStatus(string Name, int Pid, ServiceState State, uint Uid, int Restarts, DateTimeOffset StartedAt)
{
    /// <summary>Why it runs without the limits that its kind should have; null when it has them, or has none.</summary>
    public string? Unhardened { get; init; }
}

/// <summary>One mount and its services; also what mount.json in the state folder holds.</summary>
public sealed record StatusReport
{
    /// <summary>The mount point.</summary>
    public required string Mount { get; init; }

    /// <summary>The store folder.</summary>
    public required string Store { get; init; }

    /// <summary>The state of the whole.</summary>
    public required ServiceState State { get; init; }

    /// <summary>Whether the mount refuses writes.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>The user to whom the mount belongs.</summary>
    public uint OwnerUid { get; init; }

    /// <summary>Why it is not running, where it is not.</summary>
    public string? Message { get; init; }

    /// <summary>The services, the supervisor first.</summary>
    public IReadOnlyList<ServiceStatus> Services { get; init; } = [];
}

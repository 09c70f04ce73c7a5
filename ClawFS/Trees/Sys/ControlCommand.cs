using System.Text.Json.Nodes;

namespace ClawFS.Trees;

/// <summary>Runs one request on `sys/ctl` and gives the members of its answer. It may take long; errors for the caller are a <see cref="ControlException"/>.</summary>
public delegate Task<JsonObject> ControlCommand(JsonObject request, ControlCall call);

/// <summary>Who asks, and the ways to tell progress and to stop.</summary>
/// <param name="Uid">Uid of the caller.</param>
/// <param name="Pid">Thread id of the caller.</param>
/// <param name="Progress">Sends a progress line.</param>
/// <param name="Abandoned">Cancelled when the caller closes the descriptor.</param>
public sealed record ControlCall(uint Uid, uint Pid, Action<string> Progress, CancellationToken Abandoned);

/// <summary>A refusal with claw's exit code.</summary>
public sealed class ControlException(int code, string message) : Exception(message)
{
    /// <summary>Exit code of claw; README lists them.</summary>
    public int Code { get; } = code;
}

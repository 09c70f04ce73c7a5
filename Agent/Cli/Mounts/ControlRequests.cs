using System.Text.Json.Nodes;
using ClawOS.Cli.Stores;

namespace ClawOS.Cli.Mounts;

/// <summary>Requests to sys/ctl that several verbs make.</summary>
internal static class ControlRequests
{
    /// <summary>A request that carries what opens a store: "kind" and "secret".</summary>
    internal static JsonObject WithSecret(string command, SecretSource secret) => new()
    {
        ["command"] = command,
        ["kind"] = secret.Kind,
        ["secret"] = secret.ReadText(),
    };
}

namespace ClawFS.Supervisor;

/// <summary>The environment of the services: what this process got, less everything that is not about running .NET.</summary>
public static class ServiceEnvironment
{
    private const string EmbedKey = "CLAW_EMBED_KEY";

    /// <summary>Passes the key of a remote embedder on: to the supervisor, and from it to the embed worker that may use the network, to nobody else.</summary>
    /// <param name="environment">The child's environment.</param>
    public static void PassEmbedKey(IDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        if (Environment.GetEnvironmentVariable(EmbedKey) is { Length: > 0 } key)
        {
            environment[EmbedKey] = key;
        }
    }

    /// <summary>Adds the variables a service starts with.</summary>
    /// <param name="environment">The child's environment.</param>
    public static void Fill(IDictionary<string, string> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        foreach (string name in (ReadOnlySpan<string>)["DOTNET_ROOT", "CLAW_STATE", "XDG_STATE_HOME", "CLAW_EXEC"])
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                environment[name] = value;
            }
        }

        // The diagnostics port lets any process of the same user attach to this one and dump its memory.
        environment["DOTNET_EnableDiagnostics"] = "0";
    }
}

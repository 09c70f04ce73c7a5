namespace ClawOS.Security.Sandbox.Services;

/// <summary>What a bug in a process could give away. No process holds more than one of them.</summary>
public enum Holding
{
    /// <summary>None of the three.</summary>
    Nothing,

    /// <summary>The key of the store.</summary>
    MasterKey,

    /// <summary>Sockets that reach other machines.</summary>
    Network,

    /// <summary>Capabilities after its start, where ClawOS runs as root.</summary>
    KernelPrivilege,
}

namespace ClawOS.Security.Sandbox.Services;

/// <summary>What one of our own services is confined to. <see cref="ServiceTable"/> has them all.</summary>
/// <param name="Name">As `claw status` shows it.</param>
/// <param name="Holds">What it has of the three that nobody has two of.</param>
public sealed record ServiceRow(string Name, Holding Holds)
{
    /// <summary>What it does, and why it is confined so.</summary>
    public required string Why { get; init; }

    /// <summary>The uid and gid that it takes, where ClawOS runs as root; null: it stays root.</summary>
    public uint? User { get; init; }

    /// <summary>Its bounding set, where ClawOS runs as root: what it needs before it takes its own uid, or keeps.</summary>
    public required IReadOnlyList<Capability> Capabilities { get; init; }

    /// <summary>Whether it has network, IPC and UTS namespaces of its own, where ClawOS runs as root: no device is on in the first.</summary>
    public bool OwnNamespaces { get; init; }

    /// <summary>Whether it can never gain a privilege by exec.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>Its profile of system calls (Security/Seccomp/Profiles); null: none.</summary>
    public string? Profile { get; init; }

    /// <summary>What it may do with files, beside what .NET reads; null: Landlock is not used for it.</summary>
    internal Func<ServicePlaces, IEnumerable<LandlockRule>>? Files { get; init; }

    /// <summary>Whether Landlock confines it.</summary>
    public bool HasLandlock => Files is not null;

    /// <summary>The bounding set as the kernel's mask.</summary>
    public ulong CapabilityMask => Capabilities.Aggregate(0ul, (mask, capability) => mask | (1ul << (int)capability));
}

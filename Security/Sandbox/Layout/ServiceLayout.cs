namespace ClawOS.Security.Sandbox.Layout;

/// <summary>
/// Where the bytes that start one of our own services differ from those of a sandbox (docs/sandbox-plan.md has the table): the service becomes the process that
/// claw-exec was, on the machine's files, with less than its starter has. Header and tables stand where those of a plan do; mounts and control groups are empty.
/// </summary>
internal static class ServiceLayout
{
    /// <summary>"CLXS" as bytes.</summary>
    internal const uint Magic = 0x53584C43;

    // Offsets in the header, in the place of the user's numbers.
    internal const int CapabilitiesAt = 16, DescriptorsAt = 24;

    // Flags: none is one of a sandbox's plan, for steps that both have look at those.

    /// <summary>A network namespace without a device that is on.</summary>
    internal const uint NewNetwork = 0x100;

    /// <summary>An IPC namespace of its own.</summary>
    internal const uint NewIpc = 0x200;

    /// <summary>A UTS namespace of its own.</summary>
    internal const uint NewHostName = 0x400;

    /// <summary>Every capability that the mask does not name leaves the bounding set.</summary>
    internal const uint LimitCapabilities = 0x800;

    /// <summary>Nothing that it starts gains a privilege; filters and Landlock need this where the starter is not privileged.</summary>
    internal const uint NoNewPrivileges = 0x1000;

    /// <summary>Every flag that this launcher knows.</summary>
    internal const uint KnownFlags = NewNetwork | NewIpc | NewHostName | LimitCapabilities | NoNewPrivileges;

    /// <summary>The first of the service's descriptors: claw-exec moves them down, so that this one is the service's 3.</summary>
    internal const int FirstDescriptor = 5;

    /// <summary>The most descriptors of a service.</summary>
    internal const uint MaxDescriptors = 32;
}

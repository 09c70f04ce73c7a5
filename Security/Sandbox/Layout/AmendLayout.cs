namespace ClawOS.Security.Sandbox.Layout;

/// <summary>
/// Where things stand in the bytes of an amendment, which claw-exec applies to a running sandbox (docs/sandbox-plan.md has the table). Compiled into the
/// library and the launcher. Magic, version and size stand where those of a plan do.
/// </summary>
internal static class AmendLayout
{
    /// <summary>"CLXA" as bytes.</summary>
    internal const uint Magic = 0x41584C43;

    /// <summary>The only version that this launcher reads.</summary>
    internal const uint Version = 1;

    /// <summary>Bytes of the header.</summary>
    internal const int HeaderSize = 48;

    /// <summary>The most items: their outcomes fit into a pipe.</summary>
    internal const int MaxItems = 1024;

    // Offsets in the header behind magic, version and size.
    internal const int InsideUidAt = 16, InsideGidAt = 20, MillisecondsAt = 24, ItemsAt = 32;

    /// <summary>Bytes of an item.</summary>
    internal const int ItemSize = 32;

    // An item: kind, path, restrictions to add and to clear (MOUNT_ATTR_*), flags, mount id.
    internal const int KindAt = 0, PathAt = 4, SetAt = 8, ClearAt = 12, FlagsAt = 16, MountIdAt = 24;

    /// <summary>What is mounted below gets the restrictions too.</summary>
    internal const uint Recursive = 1;

    /// <summary>A folder at the path is left as it is (EISDIR).</summary>
    internal const uint NotFolder = 2;

    /// <summary>The mount whose root the path is or none: EINVAL where it is no mount's root, EBUSY while a file there is open for writing.</summary>
    internal const uint MountAlone = 4;

    /// <summary>The descriptor of the sandbox's user namespace.</summary>
    internal const int UserNamespaceDescriptor = 5;

    /// <summary>The descriptor of its mount namespace.</summary>
    internal const int MountNamespaceDescriptor = 6;

    /// <summary>Bytes of an outcome: errno, how, mount id; one an item, in their order, behind the result record.</summary>
    internal const int OutcomeSize = 16;

    /// <summary>How a restriction came to be: the same files were laid over a mount that stayed as it was, because a file there is open for writing.</summary>
    internal const uint LaidOver = 1;

    /// <summary>The errno of an item that was not reached (ECANCELED).</summary>
    internal const int NotReached = 125;
}

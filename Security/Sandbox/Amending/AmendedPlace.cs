namespace ClawOS.Security.Sandbox.Amending;

/// <summary>What earlier amendments did to a place, by the kernel's numbers of the mounts.</summary>
internal sealed class AmendedPlace
{
    internal required bool IsTree { get; set; }

    /// <summary>Whether it was made a mount point so that it cannot be renamed.</summary>
    internal bool IsPinned { get; set; }

    /// <summary>The mount that covers it; 0: none.</summary>
    internal ulong CoverId { get; set; }

    /// <summary>The mount that was restricted, or laid over it for that; 0: none.</summary>
    internal ulong MountId { get; set; }

    /// <summary>What was taken away from that mount and not given back.</summary>
    internal MountRestrictions Restrictions { get; set; }
}

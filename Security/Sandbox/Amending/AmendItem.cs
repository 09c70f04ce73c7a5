using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>One item of an amendment, as claw-exec gets it.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Wish">The place, and how it shall be.</param>
internal sealed record AmendItem(AmendKind Kind, PathWish Wish)
{
    /// <summary>Restrictions to add.</summary>
    internal MountRestrictions Set { get; init; }

    /// <summary>Restrictions to clear, of the mount with <see cref="MountId"/> alone.</summary>
    internal MountRestrictions Clear { get; init; }

    /// <summary>Whether it takes something away.</summary>
    internal bool IsNarrowing => Kind == AmendKind.Cover || (Kind == AmendKind.Restrict && Clear == MountRestrictions.None && Set != MountRestrictions.None);

    /// <summary>Whether mounts below get <see cref="Set"/> too.</summary>
    internal bool IsRecursive { get; init; }

    /// <summary>Whether it is about the mount at the path and nothing is laid over it: what will be covered, for who stands inside.</summary>
    internal bool IsMountAlone { get; init; }

    /// <summary>The mount that it must be; 0: whichever is there.</summary>
    internal ulong MountId { get; init; }
}

namespace ClawOS.Security.Sandbox.Amending;

/// <summary>How a place of a running sandbox shall be, beside what its launch took away.</summary>
/// <param name="Path">The place.</param>
/// <param name="IsTree">Whether it is about everything below; else only about a file.</param>
/// <param name="IsHidden">Whether nothing of it may be seen.</param>
/// <param name="Restrictions">What may not be done with what is seen: <see cref="MountRestrictions.ReadOnly"/>, <see cref="MountRestrictions.NoExecute"/>.</param>
internal sealed record PathWish(string Path, bool IsTree, bool IsHidden, MountRestrictions Restrictions)
{
    /// <summary>What takes away all that the launch gave and a mount can take.</summary>
    internal MountRestrictions Whole { get; init; }

    /// <summary>Whether it shall be a mount point, and was none at the launch: it is above what is denied, and must not be renamed.</summary>
    internal bool IsPinned { get; init; }

    /// <summary>Whether more may be done here than at another place.</summary>
    internal bool IsWiderThan(PathWish other) => !IsHidden && (other.Restrictions & ~Restrictions) != 0;
}

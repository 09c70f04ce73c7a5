using ClawFS.Linux;

namespace ClawOS.Security.Sandbox;

/// <summary>What an amendment did to a path of a running sandbox.</summary>
public enum PathChange
{
    /// <summary>It is covered: nothing of it can be opened any more.</summary>
    Covered,

    /// <summary>The cover is gone; the files are there again.</summary>
    Uncovered,

    /// <summary>It cannot be written, executed, or both any more; or it can again.</summary>
    Restricted,
}

/// <summary>One path of an amendment.</summary>
/// <param name="Path">As the sandbox sees it.</param>
/// <param name="Change">What was to be done.</param>
/// <param name="Restrictions">What is taken away from the mount beside what the launch took, for <see cref="PathChange.Restricted"/>.</param>
/// <param name="Error">Why it could not be; <see cref="Errno.Ok"/> when it was.</param>
public sealed record AmendedPath(string Path, PathChange Change, MountRestrictions Restrictions, Errno Error);

/// <summary>How a sandbox was amended.</summary>
/// <param name="Paths">What was changed, or could not be.</param>
/// <param name="NotUntilNextLaunch">What the new policy says and this sandbox does not do: sentences for people.</param>
public sealed record AmendmentResult(IReadOnlyList<AmendedPath> Paths, IReadOnlyList<string> NotUntilNextLaunch)
{
    /// <summary>What the new policy takes away and this sandbox still has, because it could not be taken while it runs: sentences for people.</summary>
    public IReadOnlyList<string> Kept { get; init; } = [];

    /// <summary>What should have become narrower or wider and did not. A sandbox for which this is not empty may still do what its policy now denies; who cannot bear that kills it.</summary>
    public IEnumerable<AmendedPath> Failed => Paths.Where(path => path.Error != Errno.Ok);
}

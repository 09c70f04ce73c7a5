namespace ClawOS.Security.Sandbox;

/// <summary>The root that fs publishes for one sandbox; it becomes the sandbox's /claw.</summary>
/// <param name="MountPoint">Where ClawOS is mounted on this machine, absolute and without symbolic links.</param>
/// <param name="Id">The view's name in `.views` there. Who knows it has the view.</param>
public sealed record ClawView(string MountPoint, string Id)
{
    /// <summary>Where it is in the sandbox, wherever it is mounted outside.</summary>
    public const string Place = "/claw";

    /// <summary>What of the mount holds stored files, and can be granted.</summary>
    internal const string Stored = "/memory";

    internal string Root => $"{MountPoint}/.views/{Id}";

    /// <summary>Where a path of the sandbox's /claw is on this machine.</summary>
    internal string SourceOf(string path) => MountPoint + path[Place.Length..];

    /// <summary>Whether a path of a policy means the mount.</summary>
    internal static bool Has(string path) => path == Place || path.StartsWith(Place + "/", StringComparison.Ordinal);
}

/// <summary>What a plan binds over a place of its view, which therefore must be opened with it.</summary>
/// <param name="Path">Relative to the root of the mount: "memory/notes".</param>
/// <param name="IsFolder">Whether it is a folder.</param>
public sealed record ClawGrant(string Path, bool IsFolder);

using System.Globalization;
using ClawOS.Security.Sandbox.Layout;

namespace ClawOS.Security.Sandbox;

/// <summary>How a mount may be used; each flag takes something away (mount_setattr(2)).</summary>
[Flags]
public enum MountRestrictions
{
    /// <summary>Nothing is taken away.</summary>
    None = 0,

    /// <summary>Nothing can be changed (EROFS).</summary>
    ReadOnly = 1,

    /// <summary>setuid bits and file capabilities mean nothing.</summary>
    NoSuid = 2,

    /// <summary>Device nodes cannot be opened (EACCES).</summary>
    NoDevices = 4,

    /// <summary>No program can be started from it, and no code mapped (EACCES, EPERM).</summary>
    NoExecute = 8,
}

/// <summary>One thing in the root of a sandbox. Targets are absolute paths in the sandbox; no part of one may be a symbolic link.</summary>
public sealed record ViewItem
{
    private ViewItem(MountKind kind, string target) => (Kind, Target) = (kind, target);

    private ViewItem(MountKind kind, ViewItem like)
        : this(kind, like.Target) => (Option, Restrictions, Mode) = (like.Option, like.Restrictions, like.Mode);

    /// <summary>Where it is.</summary>
    public string Target { get; }

    internal MountKind Kind { get; }

    internal string Source { get; private init; } = "";

    internal string Option { get; private init; } = "";

    internal MountRestrictions Restrictions { get; private init; }

    internal uint Mode { get; private init; }

    /// <summary>A folder; one that is there stays as it is.</summary>
    public static ViewItem Folder(string target, uint mode = 0x1ED /* 0755 */) => new(MountKind.Folder, target) { Mode = mode };

    /// <summary>An empty file to bind over; one that is there stays as it is.</summary>
    public static ViewItem File(string target, uint mode = 0x1A4 /* 0644 */) => new(MountKind.File, target) { Mode = mode };

    /// <summary>A symbolic link with this text.</summary>
    public static ViewItem Link(string target, string text) => new(MountKind.Link, target) { Source = text };

    /// <summary>What the machine has at <paramref name="source"/>, an absolute path without symbolic links, with all that is mounted below it.</summary>
    public static ViewItem Bind(string source, string target, MountRestrictions restrictions) =>
        new(MountKind.Bind, target) { Source = source, Restrictions = restrictions | MountRestrictions.NoSuid };

    /// <summary>An empty folder in memory.</summary>
    /// <param name="target">Where; the folder must be there.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="restrictions">What is taken away, beside setuid bits and devices.</param>
    /// <param name="mode">Permissions of its root.</param>
    public static ViewItem Tmpfs(string target, long bytes, MountRestrictions restrictions = MountRestrictions.None, uint mode = 0x1C0 /* 0700 */) =>
        new(MountKind.Tmpfs, target) { Option = bytes.ToString(CultureInfo.InvariantCulture), Restrictions = restrictions | MountRestrictions.NoSuid | MountRestrictions.NoDevices, Mode = mode };

    /// <summary>The same over what the machine has there, and nothing where that is gone by then.</summary>
    internal static ViewItem Cover(string target, long bytes, MountRestrictions restrictions, uint mode) => new(MountKind.Cover, Tmpfs(target, bytes, restrictions, mode));

    /// <summary>/proc of the sandbox's own processes, read-only: sysctl files and oom_score_adj cannot be written whoever the user is.</summary>
    public static ViewItem Proc(string target) =>
        new(MountKind.Proc, target) { Restrictions = MountRestrictions.ReadOnly | MountRestrictions.NoSuid | MountRestrictions.NoDevices | MountRestrictions.NoExecute };
}

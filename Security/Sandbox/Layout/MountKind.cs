namespace ClawOS.Security.Sandbox.Layout;

/// <summary>What is laid into the root of a sandbox, in the order of the plan.</summary>
internal enum MountKind : uint
{
    /// <summary>A folder, made with the mode; one that exists stays as it is.</summary>
    Folder = 1,

    /// <summary>An empty file, made with the mode, as the place for a bind; one that exists stays as it is.</summary>
    File = 2,

    /// <summary>A symbolic link whose text is the source.</summary>
    Link = 3,

    /// <summary>The file or folder at the source with everything mounted below it; the attributes hold for all of that.</summary>
    Bind = 4,

    /// <summary>An empty tmpfs with the mode; the option is its size in bytes as text.</summary>
    Tmpfs = 5,

    /// <summary>The /proc of the sandbox's own pid namespace.</summary>
    Proc = 6,

    /// <summary>As <see cref="Tmpfs"/>; where the folder is not there any more, nothing is laid.</summary>
    Cover = 7,
}

namespace ClawOS.Security.Sandbox.Learning;

/// <summary>What a program did with a path.</summary>
[Flags]
internal enum PathUse
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Asked whether it is there, or what it is.</summary>
    Look = 1,

    /// <summary>Opened it for reading.</summary>
    Read = 2,

    /// <summary>Opened it for writing, or changed what it is.</summary>
    Write = 4,

    /// <summary>Started it, or mapped it as code.</summary>
    Execute = 8,

    /// <summary>A folder: listed it.</summary>
    List = 16,

    /// <summary>A folder: made, renamed or removed something in it.</summary>
    Change = 32,

    /// <summary>A symbolic link that was followed.</summary>
    Link = 64,

    /// <summary>Started as a program of its own, not only mapped.</summary>
    Launch = 128,

    /// <summary>Was not there when it was first named, and was made.</summary>
    Made = 256,
}

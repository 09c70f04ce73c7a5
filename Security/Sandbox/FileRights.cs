namespace ClawOS.Security.Sandbox;

/// <summary>LANDLOCK_ACCESS_FS_*, by the kernel's bits.</summary>
[Flags]
public enum FileRights : ulong
{
#pragma warning disable CS1591 // The names are the kernel's own; landlock(7) documents each.
    None = 0,
    Execute = 1 << 0,
    WriteFile = 1 << 1,
    ReadFile = 1 << 2,
    ReadDir = 1 << 3,
    RemoveDir = 1 << 4,
    RemoveFile = 1 << 5,
    MakeChar = 1 << 6,
    MakeDir = 1 << 7,
    MakeReg = 1 << 8,
    MakeSock = 1 << 9,
    MakeFifo = 1 << 10,
    MakeBlock = 1 << 11,
    MakeSym = 1 << 12,
    Refer = 1 << 13,
    Truncate = 1 << 14,
    IoctlDev = 1 << 15,
#pragma warning restore CS1591

    /// <summary>What can be granted on a file that is no folder.</summary>
    OfFiles = Execute | WriteFile | ReadFile | Truncate | IoctlDev,

    /// <summary>What "read" means.</summary>
    Read = ReadFile | ReadDir,

    /// <summary>What "write" means: all changes but making device nodes.</summary>
    Write = WriteFile | RemoveDir | RemoveFile | MakeDir | MakeReg | MakeSock | MakeFifo | MakeSym | Refer | Truncate,

    /// <summary>All that version 5 knows.</summary>
    All = Read | Write | Execute | MakeChar | MakeBlock | IoctlDev,
}
